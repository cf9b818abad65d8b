"""More like this: worked out by a command, stored, shown with its reason."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from films.models import Credit, Film, Genre, Likeness, Person
from reviews import alike
from reviews.models import Vote
from tests.conftest import make_member


def make_film(film: Film, title: str, *credited: tuple[Person, str]) -> Film:
    made = Film.objects.create(title=title, published_at=film.published_at)
    for person, department in credited:
        Credit.objects.create(film=made, person=person, department=department)
    return made


@pytest.fixture
def director(film: Film) -> Person:
    made = Person.objects.create(name="Mark Romanek")
    Credit.objects.create(film=film, person=made, department="directing")
    return made


@pytest.fixture
def actor(film: Film) -> Person:
    made = Person.objects.create(name="Carey Mulligan")
    Credit.objects.create(film=film, person=made, department="cast")
    return made


def find() -> str:
    out = StringIO()
    call_command("find_alike", stdout=out)
    return out.getvalue()


def shown(client: Any, film: Film) -> list[tuple[str, str]]:
    alike = client.get(film.get_absolute_url()).context["alike"]
    return [(likeness.other.title, likeness.reason) for likeness in alike]


def test_films_of_the_same_people_are_alike_and_say_why(client, film, director, actor):
    make_film(film, "With her", (actor, "cast"))
    make_film(film, "By him", (director, "directing"))
    assert find() == "3 films, 2 likenesses stored.\n"
    assert shown(client, film) == [
        ("By him", "Also directed by Mark Romanek"),
        ("With her", "Also with Carey Mulligan"),
    ]
    assert "More like this" in client.get(film.get_absolute_url()).content.decode()


def test_one_film_alone_is_too_little_to_say(client, film, director):
    make_film(film, "By him", (director, "directing"))
    find()
    assert shown(client, film) == []
    assert "More like this" not in client.get(film.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("department", "reason"),
    [("directing", "directed by"), ("writing", "written by"), ("cast", "with")],
)
def test_reason_says_what_somebody_did(client, film, director, department, reason):
    for title in ("One", "Two"):
        make_film(film, title, (director, department))
    Credit.objects.filter(film=film).update(department=department)
    Film.objects.get(title="Two").credits.create(person=director, department="crew")
    drama = Genre.objects.create(name="Drama", slug="drama")
    for made in Film.objects.all():
        made.genres.add(drama)
    find()
    why = f"Also {reason} Mark Romanek"
    assert shown(client, film) == [("One", why), ("Two", why)]


def test_shared_genres_alone_make_nothing_alike(client, film):
    drama = Genre.objects.create(name="Drama", slug="drama")
    for made in (film, make_film(film, "Another"), make_film(film, "A third")):
        made.genres.add(drama)
    find()
    assert shown(client, film) == []


def test_shared_genres_decide_between_equals(client, film, director):
    drama = Genre.objects.create(name="Drama", slug="drama")
    make_film(film, "Aa", (director, "directing"))
    film.genres.add(drama)
    make_film(film, "Bb", (director, "directing")).genres.add(drama)
    find()
    assert [title for title, _reason in shown(client, film)] == ["Bb", "Aa"]


def test_films_that_the_same_members_rated_high_are_alike(client, film):
    others = [make_film(film, "Loved too"), make_film(film, "And this"), make_film(film, "Hated")]
    for n in range(alike.VOTERS_NEEDED):
        voter = make_member(f"voter{n}")
        for other, score in zip([film, *others], (9, 8, 10, 2), strict=True):
            Vote.objects.cast(other, voter, score)
    find()
    assert sorted(shown(client, film)) == [
        ("And this", "5 members rated both high"),
        ("Loved too", "5 members rated both high"),
    ]


@pytest.mark.parametrize("status", ["held", "discounted"])
def test_votes_that_are_set_aside_say_nothing(client, film, status):
    others = [make_film(film, "One"), make_film(film, "Two")]
    for n in range(alike.VOTERS_NEEDED):
        voter = make_member(f"voter{n}")
        for other in [film, *others]:
            Vote.objects.cast(other, voter, 9)
    find()
    assert len(shown(client, film)) == 2
    aside = Vote.objects.filter(film=film, member__username="voter0")
    aside.update(status=status, reason="A burst")
    find()
    assert shown(client, film) == []


@pytest.mark.parametrize("until", [None, timedelta(days=1)], ids=["draft", "scheduled"])
def test_film_that_is_not_published_is_neither_shown_nor_worked_out(client, film, director, until):
    hidden = make_film(film, "By him", (director, "directing"))
    make_film(film, "Also by him", (director, "directing"))
    make_film(film, "By him again", (director, "directing"))
    find()
    hidden.published_at = until and timezone.now() + until
    hidden.save()
    assert sorted(dict(shown(client, film))) == ["Also by him", "By him again"]
    find()
    assert not Likeness.objects.filter(film=hidden).exists()
    assert not Likeness.objects.filter(other=hidden).exists()


def test_film_that_is_not_published_takes_no_place(client, film, director):
    for n in range(alike.SHOWN):
        draft = make_film(film, f"Draft {n}", (director, "directing"))
        Film.objects.filter(pk=draft.pk).update(published_at=None)
        make_film(film, f"Film {n}", (director, "directing"))
    find()
    assert [title for title, _reason in shown(client, film)] == [f"Film {n}" for n in range(6)]


def test_nothing_is_shown_where_one_is_left(client, film, director):
    made = make_film(film, "By him", (director, "directing"))
    make_film(film, "Also by him", (director, "directing"))
    find()
    Film.objects.filter(pk=made.pk).update(published_at=None)
    assert shown(client, film) == []


def test_somebody_with_a_thousand_credits_ties_nothing(client, film, director):
    make_film(film, "By him", (director, "directing"))
    crowd = make_film(film, "With him, often", (director, "directing"))
    find()
    assert len(shown(client, film)) == 2
    Credit.objects.bulk_create(
        Credit(film=crowd, person=director, department="cast", character=str(n))
        for n in range(alike.MOST_CREDITS)
    )
    find()
    assert shown(client, film) == []


def test_running_twice_writes_nothing(film, director, actor):
    make_film(film, "With her", (actor, "cast"))
    make_film(film, "By him", (director, "directing"))
    find()
    before = list(Likeness.objects.order_by("pk").values())
    assert before
    find()
    assert list(Likeness.objects.order_by("pk").values()) == before


def test_films_are_as_alike_together_as_one_by_one(film, director, actor):
    genres = [Genre.objects.create(name=name, slug=name) for name in ("a", "b", "c")]
    voters = [make_member(f"voter{n}") for n in range(8)]
    for n in range(15):
        crew = [(director, "directing")] * (n % 3 == 0) + [(director, "writing")] * (n % 4 == 0)
        made = make_film(film, f"Film {n}", *crew, *[(actor, "cast")] * (n % 2))
        made.genres.set(genres[: n % 4])
        for voter in voters[n % 3 :]:
            Vote.objects.cast(made, voter, 10 - (n + voter.pk) % 4)
    films = list(Film.objects.order_by("pk").values_list("pk", flat=True))
    together = alike.alike(films)
    assert len(together) > 10
    assert any("voters" in shared for pairs in together.values() for _film, shared in pairs)
    one_by_one: dict[int, Any] = {}
    for one in films:
        one_by_one |= alike.alike([one])
    assert together == one_by_one


def test_number_of_queries_does_not_grow_with_the_films(film, director, django_assert_num_queries):
    voters = [make_member(f"voter{n}") for n in range(alike.VOTERS_NEEDED)]
    for number, title in ((3, "Few"), (30, "Many")):
        for n in range(number):
            made = make_film(film, f"{title} {n}", (director, "directing"))
            for voter in voters:
                Vote.objects.cast(made, voter, 9)
        films = list(Film.objects.order_by("pk").values_list("pk", flat=True)[1:])
        with django_assert_num_queries(8, exact=False):
            alike.alike(films)


def test_run_that_was_broken_off_leaves_the_rest_as_it_was(film, director):
    Film.objects.bulk_create(
        Film(title=f"Between {n}", slug=f"between-{n}", published_at=film.published_at)
        for n in range(alike.AT_ONCE)
    )
    late = make_film(film, "By him", (director, "directing"))
    make_film(film, "Also by him", (director, "directing"))
    find()
    before = set(Likeness.objects.filter(film=late).values_list("pk", flat=True))
    director.credits.all().delete()
    for _done in alike.store_all():
        break
    assert not Likeness.objects.filter(film=film).exists()
    assert set(Likeness.objects.filter(film=late).values_list("pk", flat=True)) == before
    find()
    assert not Likeness.objects.exists()


def test_no_film_is_like_itself(film):
    with pytest.raises(IntegrityError), transaction.atomic():
        Likeness.objects.create(film=film, other=film, position=1)


def test_deleted_film_leaves_its_likenesses(film, director):
    made = make_film(film, "By him", (director, "directing"))
    Likeness.objects.create(film=film, other=made, position=1, shared={"directors": ["Mark"]})
    made.credits.all().delete()
    made.delete()
    assert not Likeness.objects.exists()
