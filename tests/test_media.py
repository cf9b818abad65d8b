"""The pictures' addresses: who gets which file, and with which headers."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from films import posters
from films.models import Film, Person


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def picture() -> posters.Picture:
    stream = BytesIO()
    Image.new("RGB", (40, 60), "#804020").save(stream, "PNG")
    return posters.accept(SimpleUploadedFile("poster.png", stream.getvalue()))


@pytest.fixture
def live_film(film: Film, picture: posters.Picture) -> Film:
    posters.store(film, picture)
    return film


@pytest.fixture
def draft_film(draft: Film, picture: posters.Picture) -> Film:
    posters.store(draft, picture)
    return draft


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("width", posters.POSTER_WIDTHS)
def test_a_live_films_poster_is_everybodys(client: Client, live_film, picture, width: int):
    response = client.get(posters.poster_address(live_film, width))
    assert response.status_code == 200
    assert body(response) == picture.files[f"{width}.webp"]
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_picture_for_sharing_is_a_jpeg(client: Client, live_film, picture):
    response = client.get(posters.poster_address(live_film, 600, "jpg"))
    assert body(response) == picture.files["600.jpg"]
    assert response["Content-Type"] == "image/jpeg"


def test_a_picture_can_do_nothing_in_a_browser(client: Client, live_film):
    response = client.get(posters.poster_address(live_film, 600))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()


def test_a_live_poster_asks_one_query_and_sets_no_cookie(
    client: Client, live_film, member, django_assert_num_queries
):
    client.force_login(member)
    with django_assert_num_queries(1):
        response = client.get(posters.poster_address(live_film, 600))
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    response.close()


@pytest.mark.parametrize("who", ["member", "moderator", None])
@pytest.mark.parametrize("days", [None, 1], ids=["draft", "scheduled"])
def test_the_poster_of_a_film_that_is_not_live_is_a_404(
    client: Client, request, draft_film, days, who
):
    draft_film.published_at = timezone.now() + timedelta(days=days) if days else None
    draft_film.save()
    if who:
        client.force_login(request.getfixturevalue(who))
    addresses = [posters.poster_address(draft_film, width) for width in posters.POSTER_WIDTHS]
    for address in (*addresses, posters.poster_address(draft_film, 600, "jpg")):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_editors_see_a_drafts_poster_and_nobody_keeps_it(client: Client, request, draft_film, who):
    client.force_login(request.getfixturevalue(who))
    response = client.get(posters.poster_address(draft_film, 300))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    response.close()


def test_the_poster_goes_with_the_film(client: Client, live_film):
    live_film.published_at = None
    live_film.save()
    assert client.get(posters.poster_address(live_film, 300)).status_code == 404


def test_the_poster_before_is_a_404_even_while_its_file_is_there(client: Client, live_film):
    before = posters.poster_address(live_film, 300)
    Film.objects.filter(pk=live_film.pk).update(
        poster=f"posters/{live_film.pk}-{'0' * 16}-600.webp"
    )
    assert client.get(before).status_code == 404


def test_a_file_that_is_missing_is_a_404(client: Client, live_film, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    assert client.get(posters.poster_address(live_film, 300)).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "",
        "posters/",
        "posters/1-0123456789abcdef-601.webp",
        "posters/1-0123456789abcdef-600.png",
        "posters/1-0123456789abcdef-600.webp/",
        "posters/1-0123456789ABCDEF-600.webp",
        "posters/99999999999999999999-0123456789abcdef-600.webp",
        "posters/999999999999999999-0123456789abcdef-600.webp",
        "portraits/1-0123456789abcdef-600.webp",
        "../db.sqlite3",
        "posters/../../db.sqlite3",
        "%2e%2e/db.sqlite3",
        "posters/1-0123456789abcdef-600.webp%00",
        "posters/١-0123456789abcdef-600.webp",
    ],
)
def test_any_other_address_is_a_404(client: Client, db, name: str):
    assert client.get(f"/media/{name}").status_code == 404


def test_pictures_are_only_read(client: Client, live_film):
    assert client.post(posters.poster_address(live_film, 300)).status_code == 405


def test_a_server_in_front_may_send_the_file(client: Client, live_film, settings):
    settings.MEDIA_ACCEL = "/protected-media/"
    address = posters.poster_address(live_film, 300)
    response = client.get(address)
    assert response["X-Accel-Redirect"] == address.replace("/media/", "/protected-media/")
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.content == b""


def test_a_portrait_is_everybodys(client: Client, db, picture):
    person = Person.objects.create(name="Carey Mulligan")
    posters.store_portrait(person, picture)
    response = client.get(posters.portrait_address(person, 150))
    assert body(response) == picture.files["150.webp"]
