"""Import films in the admin: upload, dry run, confirm, and what is left lying."""

import os
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from films.admin import importing
from films.models import Film

START = "/admin/films/film/import/"
TABLE = b"title,release_year,runtime\nSalt,1998,90\nSea,1999,\nBad,1999,long\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def desk(client, editor):
    """The editor's browser."""
    client.force_login(editor)
    return client


def upload(client, content=TABLE, name="films.csv", **fields):
    return client.post(START, {"file": SimpleUploadedFile(name, content)} | fields)


def lying(media):
    """The files of uploads that are on disk."""
    return sorted(path.name for path in media.glob("imports/*/*"))


def test_upload_shows_what_would_happen_and_changes_nothing(desk, media):
    Film.objects.create(title="Sea", release_year=1999)
    answer = upload(desk)
    assert answer.status_code == 302
    page = desk.get(answer.url).content.decode()
    for words in ("1 created", "1 same", "1 refused", "runtime “long” is not a whole number"):
        assert words in page
    assert "Nothing is imported yet" in page
    assert Film.objects.count() == 1
    assert lying(media) == ["dry-run.json", "file", "options.json"]


def test_confirm_imports_and_leaves_no_upload(desk, media):
    address = upload(desk).url
    assert desk.post(address).url == address
    page = desk.get(address).content.decode()
    assert "The import is done" in page
    assert "2 created" in page
    assert "/films/salt-1998/" in page
    assert sorted(Film.objects.values_list("title", flat=True)) == ["Salt", "Sea"]
    assert not Film.objects.published().exists()
    assert lying(media) == ["dry-run.json", "options.json", "result.json"]


def test_second_confirmation_imports_nothing(desk):
    address = upload(desk).url
    desk.post(address)
    Film.objects.all().delete()
    assert desk.post(address).status_code == 302
    assert not Film.objects.exists()


def test_publish_and_overwrite_are_done_as_chosen(desk):
    Film.objects.create(title="Salt", release_year=1998, runtime=80)
    desk.post(upload(desk, publish="on", overwrite="on").url)
    assert Film.objects.get(title="Salt").runtime == 90
    assert Film.objects.get(title="Sea").is_published


def test_broken_off_import_says_how_to_go_on(desk, media):
    address = upload(desk).url
    next(media.glob("imports/*/file")).unlink()
    assert "upload the file again" in desk.get(address).content.decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"a,b\n1,2\n", "none that can be read"), (b"title,titel\n", "unknown columns: titel")],
)
def test_file_that_is_none_is_refused_in_the_form_and_leaves_nothing(desk, media, content, reason):
    answer = upload(desk, content)
    assert answer.status_code == 200
    assert reason in answer.content.decode()
    assert lying(media) == []


def test_file_over_the_limit_is_refused(desk, media, monkeypatch):
    monkeypatch.setattr(importing, "LARGEST_FILE", 10)
    assert "more than 50 MB" in upload(desk).content.decode()
    assert lying(media) == []


def test_what_the_file_says_is_escaped(desk):
    page = desk.get(upload(desk, b"title\n<script>alert(1)</script>\n").url).content.decode()
    assert "<script>alert" not in page


def test_uploads_left_for_a_day_are_removed_by_the_next(desk, media):
    upload(desk)
    old = next(media.glob("imports/*"))
    os.utime(old, (time.time() - 90_000,) * 2)
    upload(desk)
    assert not old.exists()
    assert len(list(media.glob("imports/*"))) == 1


def test_only_who_uploaded_may_see_or_confirm(desk, superuser):
    address = upload(desk).url
    desk.force_login(superuser)
    assert desk.get(address).status_code == 404
    assert desk.post(address).status_code == 404
    assert not Film.objects.exists()


@pytest.mark.parametrize("token", ["x", "0" * 32, "0" * 31 + "g"])
def test_unknown_token_is_not_found(desk, token):
    assert desk.get(f"{START}{token}/").status_code == 404


@pytest.mark.parametrize("who", ["member", "moderator"])
def test_import_is_for_who_may_add_films(db, client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(START).status_code == 403
    assert upload(client).status_code == 403


def test_stranger_is_asked_to_sign_in(client, db):
    assert client.get(START).url.startswith(reverse("account_login"))


def test_post_without_token_is_refused(editor, media):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert upload(client).status_code == 403
    assert lying(media) == []


def test_film_list_leads_to_the_import(desk):
    assert f'href="{START}"' in desk.get("/admin/films/film/").content.decode()
