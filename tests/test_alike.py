"""More like this: worked out by a command, stored, shown with its reason."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

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


def test_votes_that_are_set_aside_say_nothing(client, film):
    others = [make_film(film, "One"), make_film(film, "Two")]
    for n in range(alike.VOTERS_NEEDED):
        voter = make_member(f"voter{n}")
        for other in [film, *others]:
            Vote.objects.cast(other, voter, 9)
    Vote.objects.filter(film=film).update(status="discounted", reason="A burst")
    find()
    assert shown(client, film) == []


def test_unpublished_film_is_neither_shown_nor_worked_out(client, film, director):
    hidden = make_film(film, "By him", (director, "directing"))
    make_film(film, "Also by him", (director, "directing"))
    make_film(film, "By him again", (director, "directing"))
    find()
    Film.objects.filter(pk=hidden.pk).update(published_at=None)
    assert "By him" not in dict(shown(client, film))
    find()
    assert not Likeness.objects.filter(film=hidden).exists()


def test_nothing_is_shown_where_one_is_left(client, film, director):
    made = make_film(film, "By him", (director, "directing"))
    make_film(film, "Also by him", (director, "directing"))
    find()
    Film.objects.filter(pk=made.pk).update(published_at=None)
    assert shown(client, film) == []


def test_running_twice_changes_nothing(film, director, actor):
    make_film(film, "With her", (actor, "cast"))
    make_film(film, "By him", (director, "directing"))
    find()
    before = list(Likeness.objects.order_by("film", "position").values("film", "other", "shared"))
    find()
    assert before == list(
        Likeness.objects.order_by("film", "position").values("film", "other", "shared")
    )


def test_no_film_is_like_itself(film):
    with pytest.raises(IntegrityError), transaction.atomic():
        Likeness.objects.create(film=film, other=film, position=1)


def test_deleted_film_leaves_its_likenesses(film, director):
    made = make_film(film, "By him", (director, "directing"))
    Likeness.objects.create(film=film, other=made, position=1, shared={"directors": ["Mark"]})
    made.credits.all().delete()
    made.delete()
    assert not Likeness.objects.exists()
