"""Collections: editors' lists with order and notes, drafts and dates as films have."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from films.models import Collection, CollectionEntry, Film


@pytest.fixture
def films(film: Film) -> list[Film]:
    others = [
        Film.objects.create(title=title, published_at=film.published_at)
        for title in ("Ikiru", "Stalker")
    ]
    return [film, *others]


@pytest.fixture
def collection(films: list[Film]) -> Collection:
    made = Collection.objects.create(
        title="Quiet catastrophes",
        introduction="Nobody shouts. >!Everybody dies.!<",
        published_at=timezone.now(),
    )
    for position, film in enumerate(reversed(films), 1):
        made.entries.create(film=film, position=position, note=f"A *note* on {film.title}.")
    return made


def page(client: Any, collection: Collection, status: int = 200) -> str:
    response = client.get(collection.get_absolute_url())
    assert response.status_code == status
    return str(response.content.decode())


def titles(html: str) -> list[str]:
    return re.findall(r'<h2><a href="/films/[^"]+">(.+?)</a></h2>', html)


def test_address_is_made_from_the_title(collection):
    assert collection.get_absolute_url() == "/collections/quiet-catastrophes/"
    assert Collection.objects.create(title="Quiet catastrophes").slug == "quiet-catastrophes-2"


def test_films_stand_in_the_editors_order_with_their_notes(client, collection):
    html = page(client, collection)
    assert titles(html) == ["Stalker", "Ikiru", "Never Let Me Go"]
    assert "A <em>note</em> on Ikiru." in html


def test_film_that_is_not_published_is_left_out(client, collection, films):
    Film.objects.filter(pk=films[1].pk).update(published_at=None)
    assert titles(page(client, collection)) == ["Stalker", "Never Let Me Go"]
    assert "2 films" in page(client, collection)
    assert "Ikiru" not in client.get("/collections/").content.decode()


@pytest.mark.parametrize("moment", [None, timedelta(days=1)])
def test_draft_and_scheduled_collection_are_seen_by_editors_alone(
    client, collection, editor, moment
):
    collection.published_at = timezone.now() + moment if moment else None
    collection.home_position = 1
    collection.save()
    page(client, collection, 404)
    assert "Quiet" not in client.get("/collections/").content.decode()
    assert "Quiet" not in client.get("/").content.decode()
    client.force_login(editor)
    assert "readers" in page(client, collection).lower()


def test_list_shows_each_collection_with_its_first_films(client, collection):
    html = client.get("/collections/").content.decode()
    assert "3 films" in html
    assert html.index("Stalker") < html.index("Ikiru") < html.index("Never Let Me Go")
    assert "Everybody dies" not in html


def test_empty_list_says_so_and_leads_on(client, db, editor):
    assert "There are no collections here yet." in client.get("/collections/").content.decode()
    client.force_login(editor)
    assert "Make the first collection" in client.get("/collections/").content.decode()


def test_home_page_has_the_collections_that_editors_put_there(client, collection):
    assert "Quiet catastrophes" not in client.get("/").content.decode()
    Collection.objects.update(home_position=1)
    html = client.get("/").content.decode()
    assert "Quiet catastrophes" in html
    assert 'href="/films/stalker/"' in html


def test_json_ld_lists_what_the_page_shows(client, collection):
    html = page(client, collection)
    found = [json.loads(text) for text in re.findall(r'ld\+json">(.*?)</script>', html)]
    assert [told["@type"] for told in found] == ["ItemList", "BreadcrumbList"]
    assert [item["name"] for item in found[0]["itemListElement"]] == titles(html)
    assert "Everybody dies" not in html.split("<body>")[0]


@pytest.mark.parametrize("count", [1, 30])
def test_queries_are_constant(client, film, count, django_assert_max_num_queries):
    made = Collection.objects.create(title="Many", published_at=timezone.now(), home_position=1)
    for n in range(count):
        other = Film.objects.create(title=f"Film {n}", published_at=film.published_at)
        made.entries.create(film=other, position=n)
    with django_assert_max_num_queries(3):
        client.get("/collections/many/")
    with django_assert_max_num_queries(4):
        client.get("/collections/")
    with django_assert_max_num_queries(8):
        client.get("/")


def test_film_stands_in_a_collection_once(collection, films):
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionEntry.objects.create(collection=collection, film=films[0])


def test_editor_makes_a_collection_at_the_desk(client, editor, films):
    client.force_login(editor)
    rows = {
        "entries-TOTAL_FORMS": 2,
        "entries-INITIAL_FORMS": 0,
        "entries-0-film": films[1].pk,
        "entries-0-position": 2,
        "entries-0-note": "Second.",
        "entries-1-film": films[0].pk,
        "entries-1-position": 1,
    }
    sent = {"title": "New", "introduction": "", "published_at": "2026-01-01T10:00", **rows}
    response = client.post("/admin/films/collection/add/", sent)
    assert response.status_code == 302
    assert titles(page(client, Collection.objects.get())) == ["Never Let Me Go", "Ikiru"]


def test_moderator_may_not_touch_collections(client, moderator, collection):
    client.force_login(moderator)
    assert client.get("/admin/films/collection/").status_code == 403
