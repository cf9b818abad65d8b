"""Slugs: made from names in any script, never clashing, remembered when they change."""

import pytest

from films.models import Film, FilmSlug, Person
from films.slugs import make_slug


@pytest.mark.parametrize(
    ("name", "year", "slug"),
    [
        ("Never Let Me Go", 2010, "never-let-me-go-2010"),
        ("Cléo de 5 à 7", 1962, "cleo-de-5-a-7-1962"),
        ("Сталкер", 1979, "stalker-1979"),
        ("Иваново детство", None, "ivanovo-detstvo"),
        ("9", 2009, "9-2009"),
        ("9", None, "9"),
        ("300", None, "300"),
        ("???", None, "film"),
        ("???", 1999, "film-1999"),
        ("", 1999, "film-1999"),
        ("Fast & Furious", 2009, "fast-and-furious-2009"),
        ("  --  ", None, "film"),
        ("Æon Flux", 2005, "aeon-flux-2005"),
    ],
)
def test_slugs_are_made_from_names(name, year, slug):
    assert make_slug(name, "film", year) == slug


@pytest.mark.parametrize(
    "name", ["生きる", "千と千尋の神隠し", "기생충", "جدایی نادر از سیمین", "M"]
)
def test_any_script_leaves_readable_letters(name):
    slug = make_slug(name, "film", 2001)
    assert slug.isascii()
    assert slug.removesuffix("-2001").replace("-", "").isalnum()
    assert not slug.startswith("film")


def test_long_names_are_cut_at_a_word():
    slug = make_slug("word " * 60, "film", 2001)
    assert len(slug) <= 105
    assert slug.endswith("-word-2001")


@pytest.mark.parametrize("title", ["9", "300", "???", "生きる"])
def test_films_of_odd_titles_have_pages(client, film, title):
    named = Film.objects.create(title=title, published_at=film.published_at)
    assert client.get(named.get_absolute_url()).status_code == 200


def test_namesakes_get_numbers(db):
    films = [Film.objects.create(title="Crash", release_year=2004) for _n in range(3)]
    assert [film.slug for film in films] == ["crash-2004", "crash-2004-2", "crash-2004-3"]
    people = [Person.objects.create(name="Steve McQueen") for _n in range(2)]
    assert [person.slug for person in people] == ["steve-mcqueen", "steve-mcqueen-2"]


def test_old_address_answers_301(client, film):
    film.slug = "kept-for-ever"
    film.save()
    response = client.get("/films/never-let-me-go-2010/")
    assert (response.status_code, response.headers["Location"]) == (301, "/films/kept-for-ever/")


@pytest.mark.django_db
def test_old_address_of_a_bulk_change_answers_too(client, film):
    Film.objects.filter(pk=film.pk).update(slug="by-update")
    response = client.get("/films/never-let-me-go-2010/")
    assert response.headers["Location"] == "/films/by-update/"


def test_old_address_of_a_draft_is_nobodys_but_editors(client, draft, editor):
    old = draft.get_absolute_url()
    Film.objects.filter(pk=draft.pk).update(slug="renamed")
    assert client.get(old).status_code == 404
    client.force_login(editor)
    assert client.get(old).status_code == 301


def test_new_film_never_takes_an_old_address(film):
    Film.objects.filter(pk=film.pk).update(slug="renamed")
    again = Film.objects.create(title="Never Let Me Go", release_year=2010)
    assert again.slug == "never-let-me-go-2010-2"


def test_film_that_gets_its_old_address_back_does_not_lead_to_itself(client, film):
    for slug in ("renamed", "never-let-me-go-2010"):
        Film.objects.filter(pk=film.pk).update(slug=slug)
    assert client.get("/films/never-let-me-go-2010/").status_code == 200
    assert list(FilmSlug.objects.values_list("slug", flat=True)) == ["renamed"]


def test_unknown_address_is_404(client, db):
    assert client.get("/films/no-such-film/").status_code == 404
