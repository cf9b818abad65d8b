"""A person's page: dates, biography, published films by department."""

import json
from datetime import date
from typing import Any

import pytest

from films.models import Credit, Film, Person


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create(name="Carey Mulligan")


def html_of(client: Any, person: Person) -> str:
    response = client.get(person.get_absolute_url())
    assert response.status_code == 200
    return str(response.content.decode())


def make_film(title: str, year: int | None, film: Film) -> Film:
    return Film.objects.create(
        title=title, release_year=year, published_at=film.published_at, synopsis="Long."
    )


def test_dates_and_biography_are_shown(client, person):
    Person.objects.filter(pk=person.pk).update(
        born=date(1985, 5, 28), died=date(2085, 1, 2), biography="An *actor*. >!Sealed!<"
    )
    html = html_of(client, person)
    assert 'Born <time datetime="1985-05-28">28 May 1985</time>' in html
    assert 'Died <time datetime="2085-01-02">2 January 2085</time>' in html
    assert "<em>actor</em>" in html
    assert '<meta name="description" content="An actor. […]">' in html


def test_unknown_dates_leave_no_label(client, person):
    html = html_of(client, person)
    assert "Born" not in html
    assert "Died" not in html
    assert "<h2" not in html
    assert "No film with this person is here yet." in html


def test_films_stand_by_department_newest_first(client, person, film, draft):
    older = make_film("An Education", 2009, film)
    undated = make_film("Undated", None, film)
    for found in (older, film, undated, draft):
        Credit.objects.create(film=found, person=person, character="Her")
    Credit.objects.create(film=older, person=person, department="writing", job="Story")
    departments = client.get(person.get_absolute_url()).context["departments"]
    assert [(name, [work.film.title for work in works]) for name, works in departments] == [
        ("Writing", ["An Education"]),
        ("Cast", ["Never Let Me Go", "An Education", "Undated"]),
    ]


def test_two_roles_in_a_film_stand_together(client, person, film):
    for position, character in enumerate(("Kathy H.", "Narrator")):
        Credit.objects.create(film=film, person=person, character=character, position=position)
    html = html_of(client, person)
    assert "Kathy H., Narrator" in html
    assert html.count(f'href="{film.get_absolute_url()}"') == 1


def test_portrait_is_shown_where_there_is_one(client, person):
    assert "<img" not in html_of(client, person)
    name = f"portraits/{person.pk}-0123456789abcdef-600.webp"
    Person.objects.filter(pk=person.pk).update(portrait=name)
    address = f"/media/portraits/{person.pk}-0123456789abcdef-300.webp"
    assert f'<img src="{address}"' in html_of(client, person)


def test_unknown_person_is_404(client, db):
    assert client.get("/people/nobody/").status_code == 404


@pytest.mark.parametrize("rows", [1, 60])
def test_person_asks_three_queries_and_sets_no_cookie(
    client, person, film, rows, django_assert_num_queries
):
    for n in range(rows):
        found = make_film(f"Film {n}", 1950 + n, film)
        Credit.objects.create(film=found, person=person, character="Her")
    with django_assert_num_queries(3):
        response = client.get(person.get_absolute_url())
    assert not response.cookies


def test_json_ld_tells_what_the_page_shows(client, person, film, draft):
    Person.objects.filter(pk=person.pk).update(
        born=date(1985, 5, 28), biography="An *actor*. >!Sealed!<", imdb_id="nm1659547"
    )
    Credit.objects.create(film=film, person=person, character="Kathy H.")
    Credit.objects.create(film=draft, person=person, character="Nobody")
    html = html_of(client, person)
    told = json.loads(html.split('ld+json">')[1].split("</script>")[0])
    assert told["@type"] == "Person"
    assert (told["name"], told["birthDate"]) == ("Carey Mulligan", "1985-05-28")
    assert [work["name"] for work in told["subjectOf"]] == [film.title]
    assert "Sealed" not in str(told)
