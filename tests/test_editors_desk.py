"""The editors' desk: from an empty form to a published film, and everything in between."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from films import posters
from films.admin.film_form import FilmForm
from films.models import (
    AlternativeTitle,
    Certificate,
    Country,
    Credit,
    Film,
    FilmCertificate,
    Genre,
    Page,
    Person,
    Tagline,
)
from reviews.models import Member, Review, Vote

LIST = "/admin/films/film/"
ADD = "/admin/films/film/add/"
EIGHT_CREDITS = """Mark Romanek, director
Alex Garland, screenplay
Carey Mulligan as Kathy
Andrew Garfield as Tommy
Keira Knightley as Ruth
Charlotte Rampling as Miss Emily
Sally Hawkins as Miss Lucy
Adam Kimmel, cinematographer
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    return folder


@pytest.fixture
def desk(client: Client, editor: Member) -> Client:
    client.force_login(editor)
    return client


def change(film: Film) -> str:
    return f"{LIST}{film.pk}/change/"


def files_in(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def upload(format_name: str = "PNG", colour: str = "#804020") -> SimpleUploadedFile:
    stream = BytesIO()
    Image.new("RGB", (40, 60), colour).save(stream, format_name)
    return SimpleUploadedFile(f"poster.{format_name.lower()}", stream.getvalue())


def filled(response: Any, button: str = "_save", **changes: Any) -> dict[str, Any]:
    """What a browser would send back of the form on a page, after these changes."""
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    forms += [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if not (value is None or value is False):
                prepared = field.field.widget.format_value(value)
                data[field.html_name] = value if isinstance(value, list) else prepared or ""
    return data | {button: "Save"} | changes


def send(desk: Client, address: str, press: Any = "_save", **changes: Any) -> Any:
    return desk.post(address, filled(desk.get(address), press, **changes))


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- Coming in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/admin/", LIST, "/admin/login/?next=/admin/films/film/"])
def test_a_stranger_signs_in_at_the_sites_own_door(client: Client, db, address: str):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/?next=/admin/")


@pytest.mark.parametrize("address", ["/admin/", LIST, "/admin/login/", "/admin/jsi18n/"])
def test_a_member_is_refused_with_the_sites_page(client: Client, member: Member, address: str):
    client.force_login(member)
    response = client.get(address)
    assert response.status_code == 403
    assert "This is not yours to do" in text_of(response)


@pytest.mark.parametrize("address", [LIST, ADD, "/admin/films/person/", "/admin/films/page/add/"])
def test_a_moderator_has_nothing_to_do_with_films(client: Client, moderator: Member, address: str):
    client.force_login(moderator)
    assert client.get(address).status_code == 403


def test_the_admins_own_account_pages_lead_to_the_sites(desk: Client):
    assert desk.get("/admin/login/")["Location"] == "/admin/"
    assert desk.get("/admin/password_change/")["Location"] == "/account/password/change/"
    assert desk.post("/admin/logout/")["Location"] == "/account/logout/"


@pytest.mark.parametrize("model", ["film", "person", "genre", "certificate", "page", "country"])
def test_every_list_opens(desk: Client, film: Film, model: str):
    assert desk.get(f"/admin/films/{model}/").status_code == 200


@pytest.mark.parametrize("model", ["film", "person", "genre", "certificate", "page", "credit"])
def test_every_empty_form_opens(desk: Client, db, model: str):
    assert desk.get(f"/admin/films/{model}/add/").status_code == 200


def test_countries_are_only_looked_at(desk: Client, db):
    assert desk.get("/admin/films/country/add/").status_code == 403
    assert desk.get("/admin/films/country/JP/change/").status_code == 200
    assert desk.post("/admin/films/country/JP/change/", {"name": "Nippon"}).status_code == 403
    assert Country.objects.get(code="JP").name == "Japan"


# --- A film from nothing -----------------------------------------------------------------------


def whole_film(desk: Client) -> dict[str, Any]:
    return filled(
        desk.get(ADD),
        "_publish",
        **{
            "title": "Never Let Me Go",
            "release_date": "2010-03-18",
            "runtime": "104",
            "more_genres": "Drama, Science fiction",
            "synopsis": "Three friends grow up at a school in the country.",
            "picture_file": upload(),
            "poster_alt": "A girl on a pier at dusk",
            "taglines-0-text": "You have to know who you are.",
            "taglines-1-text": "And what you are.",
            "certificates-0-certificate": Certificate.objects.get(board="MPA", label="PG-13").pk,
            "certificates-0-advice": "some sexuality and nudity",
            "new_credits": EIGHT_CREDITS,
        },
    )


def test_a_whole_film_is_published_from_one_form(desk: Client, media: Path, client: Client):
    response = desk.post(ADD, whole_film(desk), follow=True)
    film = Film.objects.get()
    assert response.redirect_chain == [(change(film), 302)]
    assert film.is_published
    assert film.slug == "never-let-me-go-2010"
    assert [tagline.text for tagline in film.taglines.all()] == [
        "You have to know who you are.",
        "And what you are.",
    ]
    assert str(film.certificates.get()) == "MPA PG-13"
    assert film.credits.count() == 8
    assert [str(credit) for credit in film.credits.cast()][:2] == [
        "Carey Mulligan (Kathy)",
        "Andrew Garfield (Tommy)",
    ]
    assert sorted(genre.slug for genre in film.genres.all()) == ["drama", "science-fiction"]
    assert len(files_in(media)) == 4
    assert "Readers can see this film" in text_of(response)
    assert "still lacks" not in text_of(response)
    assert body(Client().get(posters.poster_address(film, 600))).startswith(b"RIFF")


def test_what_a_film_lacks_is_a_warning_not_an_error(desk: Client, db):
    response = desk.post(ADD, filled(desk.get(ADD), "_publish", title="Bare"), follow=True)
    assert Film.objects.get().is_published
    for part in ("a synopsis", "a runtime", "a tagline", "a certificate", "cast and crew"):
        assert part in text_of(response)


def test_a_film_without_title_is_an_error(desk: Client, db):
    response = desk.post(ADD, filled(desk.get(ADD), "_publish"))
    assert response.status_code == 200
    assert not Film.objects.exists()


def test_a_draft_is_saved_and_the_form_says_so(desk: Client, db):
    response = desk.post(ADD, filled(desk.get(ADD), "_draft", title="Not Yet"), follow=True)
    assert Film.objects.get().published_at is None
    assert "it is a draft" in text_of(response)


def test_publishing_with_a_moment_to_come_schedules(desk: Client, draft: Film):
    response = send(desk, change(draft), "_publish", published_at="2099-05-12T10:00")
    draft.refresh_from_db()
    assert draft.is_scheduled
    assert "Scheduled for" in text_of(desk.get(response["Location"]))


def test_a_scheduled_film_can_be_published_now(desk: Client, draft: Film):
    draft.published_at = timezone.now() + timedelta(days=3)
    draft.save()
    send(desk, change(draft), "_now")
    draft.refresh_from_db()
    assert draft.is_published


def test_saving_a_published_film_keeps_its_moment(desk: Client, film: Film):
    before = film.published_at
    send(desk, change(film), synopsis="Told anew.")
    film.refresh_from_db()
    assert (film.published_at, film.synopsis) == (before, "Told anew.")


def test_a_published_film_is_unpublished(desk: Client, film: Film):
    send(desk, change(film), "_draft")
    film.refresh_from_db()
    assert film.published_at is None


def test_preview_saves_and_shows_the_page(desk: Client, draft: Film):
    response = send(desk, change(draft), "_preview", synopsis="Seen before others.")
    assert response["Location"] == draft.get_absolute_url()
    draft.refresh_from_db()
    assert (draft.synopsis, draft.published_at) == ("Seen before others.", None)
    assert "Seen before others." in text_of(desk.get(draft.get_absolute_url()))


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("new", ["_publish", "_draft", "_preview", "_addanother"]),
        ("draft", ["_publish", "_draft", "_preview", "_addanother"]),
        ("scheduled", ["_save", "_now", "_draft", "_preview", "_addanother"]),
        ("published", ["_save", "_preview", "_draft", "_addanother"]),
    ],
)
def test_each_state_has_its_buttons(desk: Client, draft: Film, state: str, buttons: list[str]):
    moments = {"scheduled": timezone.now() + timedelta(days=1), "published": timezone.now()}
    draft.published_at = moments.get(state)
    draft.save()
    page = text_of(desk.get(ADD if state == "new" else change(draft)))
    shown = ["_save", "_publish", "_now", "_draft", "_preview", "_addanother", "_continue"]
    assert {name for name in shown if f'name="{name}"' in page} == set(buttons)


def test_the_feature_and_the_day_of_voting_are_set(desk: Client, film: Film):
    send(desk, change(film), featured_from="2026-05-01T12:30", voting_opens_on="2099-05-12")
    film.refresh_from_db()
    assert film.featured_from is not None
    assert film.featured_from.isoformat() == "2026-05-01T12:30:00+00:00"
    assert not film.voting_is_open


def test_an_old_address_leads_to_the_new_one(desk: Client, film: Film):
    send(desk, change(film), slug="never-let-me-go")
    assert film.earlier_slugs.get().slug == "never-let-me-go-2010"


def test_two_certificates_of_one_board_are_refused_in_words(desk: Client, film: Film):
    first, second = Certificate.objects.filter(board="MPA")[:2]
    FilmCertificate.objects.create(film=film, certificate=first)
    response = send(desk, change(film), **{"certificates-1-certificate": second.pk})
    assert "This film already has a certificate of that board." in text_of(response)
    assert film.certificates.get().certificate == first


def test_rows_without_a_position_come_last(desk: Client, film: Film):
    Tagline.objects.create(film=film, text="First.", position=0)
    Tagline.objects.create(film=film, text="Second.", position=1)
    send(desk, change(film), **{"taglines-2-text": "Third."})
    assert [line.text for line in film.taglines.all()] == ["First.", "Second.", "Third."]


def test_other_titles_stand_beside_the_film(desk: Client, film: Film):
    new = {"alternative_titles-0-title": "Alles, was wir geben mussten"}
    send(desk, change(film), **new, **{"alternative_titles-0-country": "DE"})
    assert AlternativeTitle.objects.get().country_id == "DE"


# --- Cast and crew -----------------------------------------------------------------------------


def test_known_people_are_matched_and_new_ones_made(desk: Client, film: Film):
    carey = Person.objects.create(name="Carey Mulligan")
    send(desk, change(film), new_credits=EIGHT_CREDITS)
    assert film.credits.get(character="Kathy").person == carey
    assert Person.objects.count() == 8


def test_the_same_names_once_more_add_nothing(desk: Client, film: Film):
    send(desk, change(film), new_credits=EIGHT_CREDITS)
    send(desk, change(film), new_credits=EIGHT_CREDITS)
    assert film.credits.count() == 8


@pytest.fixture
def namesakes(db) -> tuple[Person, Person]:
    actor = Person.objects.create(name="Steve McQueen", born="1930-03-24")
    return actor, Person.objects.create(name="Steve McQueen", born="1969-10-09")


def test_people_of_one_name_differ_where_they_are_chosen(desk: Client, namesakes):
    asked = {"app_label": "films", "model_name": "credit", "field_name": "person"}
    response = desk.get("/admin/autocomplete/", asked | {"term": "mcqueen"})
    found = [result["text"] for result in response.json()["results"]]
    assert found == ["Steve McQueen (1930)", "Steve McQueen (1969)"]


def test_the_list_of_people_counts_their_credits(desk: Client, film: Film, namesakes):
    Credit.objects.create(film=film, person=namesakes[1], character="One")
    Credit.objects.create(film=film, person=namesakes[1], character="Another")
    people = desk.get("/admin/films/person/").context["cl"].result_list
    assert [person.credit_count for person in people] == [0, 2]


def question(response: Any) -> str:
    [field] = response.context["adminform"].form.questions
    return str(field.html_name)


def test_a_name_of_several_people_is_asked_about_before_anything_is_saved(
    desk: Client, film: Film, namesakes
):
    bullitt = Film.objects.create(title="Bullitt", release_year=1968)
    Credit.objects.create(film=bullitt, person=namesakes[0], character="Frank Bullitt")
    response = send(desk, change(film), new_credits="Steve McQueen, director", synopsis="Changed.")
    page = text_of(response)
    assert "Which Steve McQueen?" in page
    assert "Steve McQueen (born 1930): Bullitt (1968)" in page
    assert "Steve McQueen (born 1969): no film yet" in page
    film.refresh_from_db()
    assert not film.credits.exists()
    assert film.synopsis != "Changed."


@pytest.mark.parametrize("which", [0, 1, 2], ids=["one", "the other", "somebody new"])
def test_the_answer_says_who_is_meant(desk: Client, film: Film, namesakes, which: int):
    choices = [namesakes[0].slug, namesakes[1].slug, "new"]
    asked = send(desk, change(film), new_credits="Steve McQueen, director")
    desk.post(change(film), filled(asked, **{question(asked): choices[which]}))
    credit = film.credits.get()
    assert (credit.job, credit.person.name) == ("Director", "Steve McQueen")
    if which < 2:
        assert credit.person == namesakes[which]
    else:
        assert credit.person not in namesakes


def test_an_answer_that_is_no_choice_is_refused(desk: Client, film: Film, namesakes):
    asked = send(desk, change(film), new_credits="Steve McQueen, director")
    desk.post(change(film), filled(asked, **{question(asked): "carey-mulligan"}))
    assert not film.credits.exists()


def test_a_line_that_cannot_be_read_is_named_and_nothing_saved(desk: Client, film: Film):
    response = send(desk, change(film), new_credits="Carey Mulligan as Kathy\nMark Romanek,")
    assert "Line 2:" in text_of(response)
    assert not film.credits.exists()


def test_a_credit_is_added_changed_and_taken_away_in_its_row(desk: Client, film: Film):
    carey, mark = (Person.objects.create(name=name) for name in ("Carey Mulligan", "Mark Romanek"))
    first = Credit.objects.create(film=film, person=carey, character="Kathy")
    send(
        desk,
        change(film),
        **{
            "credits-0-character": "Kathy H.",
            "credits-1-person": mark.pk,
            "credits-1-department": "directing",
            "credits-1-job": "Director",
        },
    )
    first.refresh_from_db()
    assert (first.person, first.character) == (carey, "Kathy H.")
    assert film.credits.get(department="directing").person == mark
    send(desk, change(film), **{"credits-1-DELETE": "on"})
    assert not film.credits.filter(character="Kathy H.").exists()


def test_only_cast_has_a_character(desk: Client, film: Film):
    mark = Person.objects.create(name="Mark Romanek")
    row = {"person": mark.pk, "department": "directing", "character": "Himself"}
    response = send(desk, change(film), **{f"credits-0-{k}": v for k, v in row.items()})
    assert "Only a credit in the cast has a character." in text_of(response)


def make_credits(film: Film, count: int) -> None:
    people = [Person(name=f"Person {n}", slug=f"person-{film.pk}-{n}") for n in range(count)]
    Person.objects.bulk_create(people)
    rows = [Credit(film=film, person=person, position=n) for n, person in enumerate(people)]
    Credit.objects.bulk_create(rows)


def test_a_film_with_hundreds_of_credits_is_still_saved(desk: Client, film: Film):
    make_credits(film, 660)
    page = desk.get(change(film))
    assert "All 660 credits" in text_of(page)
    assert desk.post(change(film), filled(page, synopsis="Changed.")).status_code == 302
    film.refresh_from_db()
    assert (film.synopsis, film.credits.count()) == ("Changed.", 660)
    every = desk.get(f"/admin/films/credit/?film__id__exact={film.pk}")
    assert every.context["cl"].result_count == 660


def test_the_form_asks_as_much_for_ninety_credits_as_for_three(
    desk: Client, film: Film, draft: Film, queries_of: Callable[..., int]
):
    make_credits(film, 3)
    make_credits(draft, 90)
    desk.get(change(film))
    assert queries_of(desk, change(film)) == queries_of(desk, change(draft))


@pytest.fixture
def queries_of(django_assert_max_num_queries) -> Callable[..., int]:
    def count(client: Client, address: str) -> int:
        with django_assert_max_num_queries(100) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    return count


# --- Posters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (upload("GIF").read(), "This is not a JPEG, PNG, WebP or AVIF picture."),
        (upload("JPEG").read()[:-30], "This picture is damaged or incomplete."),
        (b"<svg onload='alert(1)'/>", "This is not a JPEG, PNG, WebP or AVIF picture."),
        (b"", "The submitted file is empty."),
    ],
    ids=["gif", "truncated", "svg", "empty"],
)
def test_a_refused_picture_is_explained_and_leaves_nothing(
    desk: Client, film: Film, media: Path, content: bytes, sentence: str
):
    bad = SimpleUploadedFile("poster.jpg", content)
    response = send(desk, change(film), picture_file=bad, synopsis="Typed with care.")
    assert sentence in text_of(response)
    assert "Typed with care." in text_of(response)
    assert files_in(media) == []
    film.refresh_from_db()
    assert film.synopsis != "Typed with care."


def test_a_refused_picture_makes_no_film(desk: Client, media: Path, db):
    bad = SimpleUploadedFile("poster.jpg", b"no picture")
    desk.post(ADD, filled(desk.get(ADD), "_publish", title="New", picture_file=bad))
    assert not Film.objects.exists()
    assert files_in(media) == []


def test_an_accepted_picture_is_kept_while_another_field_is_mended(desk: Client, media: Path, db):
    data = filled(desk.get(ADD), "_publish", title="", picture_file=upload())
    refused = desk.post(ADD, data)
    assert files_in(media) == []
    assert "data:image/webp;base64," in text_of(refused)
    token = refused.context["kept_picture"]["token"]
    desk.post(ADD, filled(refused, "_publish", title="Mended", kept_picture=token))
    film = Film.objects.get()
    assert film.poster
    assert len(files_in(media)) == 4


def test_a_picture_kept_too_long_is_asked_for_again(desk: Client, film: Film):
    response = send(desk, change(film), kept_picture="of-yesterday")
    assert "Choose it again." in text_of(response)


def test_a_save_that_fails_after_the_poster_leaves_nothing(
    desk: Client, film: Film, media: Path, monkeypatch
):
    def fail(self: FilmForm) -> None:
        raise RuntimeError

    monkeypatch.setattr(FilmForm, "save_what_is_added", fail)
    with pytest.raises(RuntimeError):
        send(desk, change(film), picture_file=upload())
    film.refresh_from_db()
    assert not film.poster
    assert files_in(media) == []


def test_a_poster_is_replaced_and_taken_away(
    desk: Client, film: Film, media: Path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send(desk, change(film), picture_file=upload())
    first = set(files_in(media))
    with django_capture_on_commit_callbacks(execute=True):
        send(desk, change(film), picture_file=upload(colour="#204080"))
    assert len(files_in(media)) == 4
    assert not first & set(files_in(media))
    with django_capture_on_commit_callbacks(execute=True):
        send(desk, change(film), remove_picture="on")
    film.refresh_from_db()
    assert not film.poster
    assert files_in(media) == []


def test_a_portrait_is_stored_and_refused_alike(desk: Client, media: Path, db):
    person = Person.objects.create(name="Carey Mulligan")
    address = f"/admin/films/person/{person.pk}/change/"
    bad = SimpleUploadedFile("portrait.jpg", b"no picture")
    assert "not a JPEG" in text_of(send(desk, address, picture_file=bad))
    assert files_in(media) == []
    send(desk, address, picture_file=upload())
    person.refresh_from_db()
    assert body(desk.get(posters.portrait_address(person, 150))).startswith(b"RIFF")
    assert posters.portrait_address(person, 150) in text_of(desk.get(address))


# --- The list ----------------------------------------------------------------------------------


def titles(response: Any) -> list[str]:
    return [film.title for film in response.context["cl"].result_list]


def make_films(count: int) -> list[Film]:
    return [Film.objects.create(title=f"Film {n:03}", release_year=1950 + n) for n in range(count)]


def test_the_list_asks_as_much_for_forty_films_as_for_two(
    desk: Client, film: Film, member: Member, queries_of: Callable[..., int]
):
    Vote.objects.cast(film, member, 9)
    make_films(1)
    desk.get(LIST)
    few = queries_of(desk, LIST)
    for made in make_films(40):
        Vote.objects.cast(made, member, 5)
    assert queries_of(desk, LIST) == few


def test_the_list_shows_state_and_score(desk: Client, film: Film, draft: Film, settings):
    settings.AUDIENCE_SCORE_MIN_VOTES = 2
    voters = [Member.objects.create_user(f"voter{n}") for n in range(3)]
    for score, voter in zip((7, 8, 9), voters, strict=True):
        Vote.objects.cast(film, voter, score)
    Vote.objects.cast(draft, voters[0], 3)
    page = text_of(desk.get(LIST))
    assert "80.00 %, 3 votes" in page
    assert ">1 vote<" in page
    assert "30.00 %" not in page
    assert ">published<" in page
    assert ">draft<" in page


@pytest.mark.parametrize("order", ["5", "-5"])
def test_films_without_votes_are_last_in_the_order_of_scores(
    desk: Client, film: Film, draft: Film, member: Member, order: str
):
    Vote.objects.cast(film, member, 1)
    assert titles(desk.get(LIST, {"o": order})) == ["Never Let Me Go", "Not Yet"]


@pytest.mark.parametrize(
    ("state", "found"),
    [("draft", ["Not Yet"]), ("published", ["Never Let Me Go"]), ("scheduled", ["Soon"])],
)
def test_films_are_filtered_by_state(desk: Client, film: Film, draft: Film, state, found):
    Film.objects.create(title="Soon", published_at=timezone.now() + timedelta(days=1))
    assert titles(desk.get(LIST, {"state": state})) == found


def test_films_are_filtered_by_decade_and_genre(desk: Client, film: Film, draft: Film):
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    assert titles(desk.get(LIST, {"decade": "2020"})) == ["Not Yet"]
    assert titles(desk.get(LIST, {"genres__id__exact": film.genres.get().pk})) == [film.title]
    assert len(titles(desk.get(LIST, {"decade": "x"}))) == 2


@pytest.mark.parametrize("words", ["never let", "生きる", "mulligan", "geben"])
def test_films_are_found_by_titles_and_people(desk: Client, film: Film, draft: Film, words: str):
    film.original_title = "生きる"
    film.save()
    AlternativeTitle.objects.create(film=film, title="Alles, was wir geben mussten")
    Credit.objects.create(film=film, person=Person.objects.create(name="Carey Mulligan"))
    assert titles(desk.get(LIST, {"q": words})) == [film.title]


def act(desk: Client, action: str, *films: Film, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [film.pk for film in films]}
    return desk.post(LIST, data | more)


def test_films_are_published_and_unpublished_from_the_list(desk: Client, film: Film, draft: Film):
    moment = film.published_at
    act(desk, "publish", film, draft)
    draft.refresh_from_db()
    film.refresh_from_db()
    assert draft.is_published
    assert film.published_at == moment
    assert LogEntry.objects.get().object_id == str(draft.pk)
    act(desk, "unpublish", film, draft)
    assert not Film.objects.published().exists()


def test_scheduling_asks_for_the_moment(desk: Client, draft: Film):
    page = act(desk, "schedule", draft)
    assert page.status_code == 200
    assert 'type="datetime-local"' in text_of(page)
    assert not Film.objects.exclude(published_at=None).exists()


def test_films_are_scheduled_and_live_ones_stay(desk: Client, film: Film, draft: Film):
    moment = film.published_at
    response = act(desk, "schedule", film, draft, moment="2099-05-12T10:00")
    assert response.status_code == 302
    film.refresh_from_db()
    draft.refresh_from_db()
    assert film.published_at == moment
    assert draft.is_scheduled
    assert "1 film is scheduled for May 12, 2099, 10 a.m.<" in text_of(desk.get(response.url))


@pytest.mark.parametrize("moment", ["", "2001-01-01T10:00", "tomorrow"])
def test_a_moment_that_cannot_be_is_refused(desk: Client, draft: Film, moment: str):
    response = act(desk, "schedule", draft, moment=moment)
    assert response.status_code == 200
    assert response.context["form"].errors
    draft.refresh_from_db()
    assert draft.published_at is None


# --- Deleting ----------------------------------------------------------------------------------


@pytest.fixture
def voted(film: Film, member: Member, other_member: Member) -> Film:
    Vote.objects.cast(film, member, 8)
    Vote.objects.cast(film, other_member, 9)
    return film


def test_a_film_without_votes_is_deleted_with_its_poster(
    desk: Client, film: Film, media: Path, django_capture_on_commit_callbacks
):
    Tagline.objects.create(film=film, text="First.")
    posters.store(film, posters.accept(upload()))
    page = text_of(desk.get(f"{LIST}{film.pk}/delete/"))
    assert "1 tagline" in page
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LIST}{film.pk}/delete/", {"post": "yes"})
    assert not Film.objects.exists()
    assert files_in(media) == []


def test_an_editor_cannot_delete_a_film_with_votes(desk: Client, voted: Film):
    assert "/delete/" not in text_of(desk.get(change(voted)))
    assert desk.get(f"{LIST}{voted.pk}/delete/").status_code == 403
    assert desk.post(f"{LIST}{voted.pk}/delete/", {"post": "yes"}).status_code == 403
    page = text_of(act(desk, "delete_selected", voted))
    assert "unpublished instead" in page
    assert "These film " not in page
    act(desk, "delete_selected", voted, post="yes")
    assert Film.objects.filter(pk=voted.pk).exists()


def test_an_editor_cannot_delete_a_film_with_a_review(desk: Client, film: Film, member: Member):
    Review.objects.create(film=film, author=member, body="Good.")
    assert desk.post(f"{LIST}{film.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_deletes_a_film_with_votes_and_sees_how_many(
    client: Client, superuser: Member, voted: Film, member: Member
):
    client.force_login(superuser)
    page = text_of(client.get(f"{LIST}{voted.pk}/delete/"))
    assert "2 votes" in page
    assert member.username not in page
    client.post(f"{LIST}{voted.pk}/delete/", {"post": "yes"})
    assert not Film.objects.exists()
    assert not Vote.objects.exists()


def test_a_person_with_credits_is_held_fast_and_the_credits_counted(desk: Client, film: Film):
    person = Person.objects.create(name="Carey Mulligan")
    Credit.objects.create(film=film, person=person)
    address = f"/admin/films/person/{person.pk}/delete/"
    assert "1 credit" in text_of(desk.get(address))
    desk.post(address, {"post": "yes"})
    assert Person.objects.exists()


# --- Markdown ----------------------------------------------------------------------------------


def test_a_text_is_shown_as_readers_will_see_it(desk: Client, db):
    response = desk.post(f"{LIST}markdown/", {"text": "A *story* <script>alert(1)</script>"})
    assert "<em>story</em>" in text_of(response)
    assert "<script>" not in text_of(response)


def test_the_preview_is_the_editors(client: Client, moderator: Member, member: Member):
    client.force_login(moderator)
    assert client.post(f"{LIST}markdown/", {"text": "x"}).status_code == 403
    client.force_login(member)
    assert client.post(f"{LIST}markdown/", {"text": "x"}).status_code == 403


def test_the_preview_is_not_a_page_to_visit(desk: Client, db):
    assert desk.get(f"{LIST}markdown/").status_code == 405


# --- Pages -------------------------------------------------------------------------------------


def test_a_page_of_the_site_is_written(desk: Client, db):
    data = {"slug": "about", "title": "About", "body": "We like *films*."}
    assert desk.post("/admin/films/page/add/", data).status_code == 302
    assert Page.objects.get().get_absolute_url() == "/about/"


@pytest.mark.parametrize("address", ["/admin/", LIST, ADD])
def test_the_desk_carries_no_inline_script_or_style(desk: Client, film: Film, address: str):
    page = text_of(desk.get(address))
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
