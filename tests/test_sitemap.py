"""The sitemap, robots.txt, and the well-known addresses."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import override_settings

from films.models import Collection, Credit, Film, Genre, Page, Person
from filmsite import sitemap
from reviews.models import Review

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client: Any, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert not response.cookies
    root = ElementTree.fromstring(response.content)
    return [
        (place.text or "").removeprefix("http://testserver")
        for place in root.iter(f"{NAMESPACE}loc")
    ]


def everything(client: Any) -> set[str]:
    return {
        address for file in addresses(client, "/sitemap.xml") for address in addresses(client, file)
    }


@pytest.fixture
def site(film: Film, draft: Film, member: Any) -> None:
    person = Person.objects.create(name="Carey Mulligan")
    unseen = Person.objects.create(name="Nobody Yet")
    Credit.objects.create(film=film, person=person, department="cast")
    Credit.objects.create(film=draft, person=unseen, department="cast")
    film.genres.add(Genre.objects.create(name="Drama", slug="drama"))
    draft.genres.add(Genre.objects.create(name="Noir", slug="noir"))
    Collection.objects.create(title="Quiet", published_at=film.published_at)
    Collection.objects.create(title="Not yet")
    Review.objects.create(film=film, author=member, body="Good.")
    Page.objects.get_or_create(slug="about", defaults={"title": "About", "body": "Us"})


def test_sitemap_holds_what_everybody_may_read_and_nothing_else(client, site):
    review = Review.objects.get()
    assert everything(client) == {
        "/",
        "/films/",
        "/charts/",
        "/charts/favourites/",
        "/charts/most-voted/",
        "/charts/most-divisive/",
        "/collections/",
        "/reviews/",
        "/films/never-let-me-go-2010/",
        "/people/carey-mulligan/",
        "/genres/drama/",
        "/collections/quiet/",
        f"/reviews/{review.pk}/",
        "/about/",
    }
    Review.objects.update(status="hidden", reason="Spam")
    assert f"/reviews/{review.pk}/" not in everything(client)


def test_every_address_of_the_sitemap_answers(client, site):
    for address in everything(client):
        assert client.get(address).status_code == 200, address


def test_each_file_holds_a_range_and_empty_ranges_are_not_named(client, db, monkeypatch):
    monkeypatch.setattr(sitemap, "NUMBERS_A_FILE", 10)
    for number in (3, 9, 10, 57):
        Film.objects.create(pk=number, title=f"Film {number}", published_at="2026-01-01T00:00Z")
    Film.objects.create(pk=30, title="Draft")
    files = [file for file in addresses(client, "/sitemap.xml") if "films" in file]
    assert files == ["/sitemap-films-0.xml", "/sitemap-films-1.xml", "/sitemap-films-5.xml"]
    assert addresses(client, files[0]) == ["/films/film-3/", "/films/film-9/"]


@pytest.mark.parametrize("file", ["films-3", "nothing-0", "films-99999999999999999999"])
def test_file_that_holds_nothing_is_404(client, db, file):
    assert client.get(f"/sitemap-{file}.xml").status_code == 404


def test_robots_are_told_where_the_sitemap_is(client, db):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert {"Disallow: /admin/", "Disallow: /account/"} <= set(lines)


def test_change_password_is_well_known(client, db):
    response = client.get("/.well-known/change-password")
    assert response.status_code == 302
    assert response["Location"] == "/account/password/change/"


def test_security_txt_is_there_where_a_contact_is_set(client, db):
    assert client.get("/.well-known/security.txt").status_code == 404
    with override_settings(SECURITY_CONTACT="mailto:safe@films.example"):
        response = client.get("/.well-known/security.txt")
    text = response.content.decode()
    assert "Contact: mailto:safe@films.example" in text
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", text, re.MULTILINE)
    assert "Canonical: http://testserver/.well-known/security.txt" in text
