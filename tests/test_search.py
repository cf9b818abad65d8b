"""Search: what is found and in which order, whatever door a text came by, and what nobody may find.

The words of both databases are those of Python: what is indexed by triggers is found by queries
folded in Python.
"""

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from films import triggers
from films.models import AlternativeTitle, Credit, Film, Person, Tagline
from films.search import index, spelling
from films.search.finding import LONGEST, find
from films.search.words import both_readings, runs, whole, words
from reviews.models import Vote
from tests.conftest import make_member

LIVE = datetime(2026, 1, 1, tzinfo=UTC)


def make_film(title: str, **fields: Any) -> Film:
    return Film.objects.create(**{"title": title, "published_at": LIVE} | fields)


def make_films(*titles: str) -> None:
    for title in titles:
        make_film(title)


def make_person(name: str, *films: Film) -> Person:
    person = Person.objects.create(name=name)
    for film in films:
        Credit.objects.create(film=film, person=person)
    return person


def give_votes(film: Film, count: int) -> None:
    for number in range(count):
        Vote.objects.cast(film, make_member(f"voter{film.pk}-{number}"), 8)


def titles(query: str) -> list[str]:
    return [film.title for film in find(query).films]


def names(query: str) -> list[str]:
    return [person.name for person in find(query).people]


def rebuild(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild_search", *arguments, stdout=out)
    return out.getvalue()


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Amélie", ["amelie"]),
        ("ŁÓDŹ, Straße", ["lodz", "strasse"]),
        ("Æon Øre", ["aeon", "ore"]),
        ("8½", ["8", "1", "2"]),
        ("Alien³", ["alien", "3"]),
        ("Tom & Jerry", ["tom", "and", "jerry"]),
        ("Ёлки", ["елки"]),
        ("Ἑλλάς", ["ελλασ"]),
        ("ＡＫＩＲＡ", ["akira"]),
        ("生きる", ["生", "き", "る"]),
        ("기생충", ["기생충"]),
        ("मोनसून", ["मोनसून"]),
        ("أفلام", ["افلام"]),
        ("a_b", ["a", "b"]),
        ("\u202eabc\u202c", ["abc"]),
        ("♥ !? 🎬", []),
        ("", []),
    ],
)
def test_words_are_plain(text, found):
    assert words(text) == found


def test_title_with_marks_is_read_in_two_ways():
    assert both_readings("Schindler's List") == ["schindler", "s", "list", "schindlers", "list"]
    assert both_readings("Up") == ["up"]


def test_whole_title_is_one_word():
    assert whole("M*A*S*H") == "mash"
    assert whole("Never Let Me Go") == "neverletmego"


def test_letters_of_a_script_without_spaces_make_one_run():
    assert runs("seven 七人") == [["seven"], ["七", "人"]]


TITLES = [
    "Never Let Me Go", "E.T. the Extra-Terrestrial", "Schindler’s List", "M*A*S*H", "WALL·E",
    "Amélie", "Łódź", "8½", "Alien³", "Tom & Jerry", "七人の侍", "ต้มยำกุ้ง", "기생충", "मोनसून वेडिंग",
    "Ёлки", "Ἑλλάς", "Ψυχή", "أفلام", "ﬁlm", "ＡＫＩＲＡ", "$9.99", "(500) Days", "3:10 to Yuma",
    "Face/Off", "[REC]", "9/11", "U.S. Marshals", "S1m0ne", "-30-", "1e5", "0x1f", "a:b*c",
    "İstanbul", "ﾊﾝﾆﾊﾞﾙ", "L’Avventura", "don't", "a\tb", "x\u200by", "e\u0301te\u0301",
    "A & B", "the", "À nos amours",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_database_reads_a_title_as_python_does(db, title):
    make_film("Something Else")
    make_film(title)
    assert titles(title)[0] == title
    assert titles(title.upper())[0] == title
    for word in set(both_readings(title)):
        assert title in titles(word)


@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    title=st.text(st.characters(exclude_categories=("Cs", "Cn", "Co", "Cc")), max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", " ".join(text.split())))
    .filter(lambda text: text and words(text))
)
def test_any_title_is_found_by_itself(db, title):
    Film.objects.all().delete()
    film = make_film(title)
    assert [found.pk for found in find(title[:LONGEST]).films] == [film.pk]


# --- What comes first -----------------------------------------------------------------------------


def test_whole_title_comes_first_then_its_start_then_its_words(db):
    make_films("Going Up", "Upstream", "Up", "The Upper Side")
    assert titles("up") == ["Up", "Upstream", "The Upper Side", "Going Up"]


def test_known_film_comes_before_an_obscure_one_that_matches_as_well(db):
    make_film("Night Train")
    known = make_film("Night Bus to Nowhere")
    give_votes(known, 2)
    assert titles("night") == ["Night Bus to Nowhere", "Night Train"]


def test_exact_title_comes_before_the_known(db):
    make_film("It")
    known = make_film("It Happened One Night")
    give_votes(known, 2)
    assert titles("it") == ["It", "It Happened One Night"]


def test_article_may_be_left_out(db):
    make_films("Godfather's Day", "The Godfather", "Der Untergang")
    assert titles("godfather")[0] == "The Godfather"
    assert titles("untergang") == ["Der Untergang"]


def test_title_comes_before_other_titles_and_taglines(db):
    tagline = make_film("A Film")
    Tagline.objects.create(film=tagline, text="Seven days of rain.")
    other = make_film("Samurai")
    AlternativeTitle.objects.create(film=other, title="Seven Samurai")
    make_film("Living", original_title="Seven")
    make_film("The Magnificent Seven")
    assert titles("seven") == ["Living", "The Magnificent Seven", "A Film", "Samurai"]


@pytest.mark.parametrize("title", ["9", "O", "300", "Up", "21", "1984", "Z", "2012"])
def test_digits_and_single_letters_are_found_first(db, title):
    make_films(
        "9 to 5", "Ocean", "300 Spartans", "Upside", "21 Grams", "1984 Revisited", "Zoo", "O2"
    )
    make_film(title)
    assert titles(title)[0] == title


def test_last_word_may_be_only_begun(db):
    make_films("Never Let Me Go", "Never Say Never")
    assert titles("never le") == titles("never l") == ["Never Let Me Go"]
    assert titles("nev") == ["Never Let Me Go", "Never Say Never"]
    assert titles("le never") == []


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Spider-Man", "spiderman"),
        ("Spider-Man", "spider man"),
        ("WALL·E", "wall e"),
        ("WALL·E", "walle"),
        ("M*A*S*H", "mash"),
        ("E.T. the Extra-Terrestrial", "et"),
        ("Schindler's List", "schindlers list"),
        ("Schindler's List", "schindler list"),
        ("Schindlers Liste", "schindler's liste"),
        ("L'Avventura", "avventura"),
        ("Star Wars", "starwars"),
        ("Tom and Jerry", "Tom & Jerry"),
        ("Amélie", "AMELIE"),
        ("Amelie", "Amélie"),
        ("七人の侍", "侍"),
        ("七人の侍", "の侍"),
        ("Ёлки", "елки"),
        ("괴물", "\u1100\u116c\u1106\u116e\u11af"),
        ("ゴジラ", "コ\u3099シ\u3099ラ"),
    ],
)
def test_title_is_found_however_it_is_written(db, title, query):
    make_films(title, "Other")
    assert titles(query) == [title]


def test_letters_in_a_row_are_asked_for_in_a_row(db):
    make_films("七人の侍")
    assert titles("侍七") == []


def test_title_of_marks_alone_is_found(db):
    make_films("!!!", "♥", "Other")
    assert titles("!!!") == ["!!!"]
    assert titles("♥") == ["♥"]
    assert titles("???") == []


# --- People ---------------------------------------------------------------------------------------


def test_people_stand_apart_with_their_films(db):
    film = make_film("Shame")
    make_person("Carey Mulligan", film)
    found = find("mulligan")
    assert (found.films, [person.name for person in found.people]) == ([], ["Carey Mulligan"])
    assert vars(found.people[0])["film_count"] == 1
    assert found.their_films == [film]


def test_person_without_a_published_film_is_not_found(db):
    make_person("Nobody Yet", Film.objects.create(title="Draft"))
    make_person("Nobody Ever")
    assert names("nobody") == []
    assert find("nobody").near_people == []


def test_known_people_come_first_and_a_whole_name_before_them(db):
    known, unknown = make_film("Known"), make_film("Unknown")
    give_votes(known, 2)
    make_person("Tom Unknown", unknown)
    make_person("Tom Known", known)
    make_person("Tom", unknown)
    rebuild()
    assert names("tom") == ["Tom", "Tom Known", "Tom Unknown"]


def test_name_in_full_comes_before_a_known_one_that_begins_so(db):
    known, unknown = make_film("Known"), make_film("Unknown")
    give_votes(known, 2)
    make_person("Kelly Hu", unknown)
    make_person("Humphrey Bogart", known)
    rebuild()
    assert names("hu") == ["Kelly Hu", "Humphrey Bogart"]


def test_words_of_a_title_and_of_a_name_find_the_film(db):
    film = make_film("Inception")
    make_person("Christopher Nolan", film, make_film("Memento"))
    make_person("Leonardo DiCaprio", film, make_film("Titanic"))
    for query in ("inception nolan", "nolan inception", "nolan dicap"):
        assert find(query).their_films == [film]


# --- Slips of the pen -----------------------------------------------------------------------------


@pytest.fixture
def dictionary(db: None) -> None:
    make_films("Inception", "Never Let Me Go", "Up", "The Matrix", "Taken", "Taken 2", "21", "300")
    make_person("Carey Mulligan", make_film("Shame"))
    rebuild()


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("inceptoin", "Inception"),
        ("imception", "Inception"),
        ("nception", "Inception"),
        ("onception", "Inception"),
        ("incception", "Inception"),
        ("neverr let me go", "Never Let Me Go"),
        ("nevr let me go", "Never Let Me Go"),
        ("the matrxi", "The Matrix"),
        ("teh matrix", "The Matrix"),
        ("teh matrxi", "The Matrix"),
        ("takem", "Taken"),
        ("ip", "Up"),
        ("301", "300"),
    ],
)
def test_slip_of_the_pen_is_forgiven(dictionary, query, title):
    assert find(query).near_films[0].title == title


def test_slip_in_a_name_is_forgiven_and_told(dictionary):
    found = find("carey muligan")
    assert ([person.name for person in found.near_people], found.meant) == (
        ["Carey Mulligan"],
        "carey mulligan",
    )


def test_query_is_told_as_it_was_meant(dictionary):
    assert find("the matrxi").meant == "the matrix"
    assert find("the matrix").meant == ""
    assert find("matrix inception").meant == ""


def test_name_that_has_the_words_needs_no_other_spelling(db):
    make_person("Mark Strong", make_film("Body of Lies"))
    make_films("Gosford Park", "Park")
    rebuild()
    found = find("mark")
    assert ([person.name for person in found.people], found.meant) == (["Mark Strong"], "")
    assert [film.title for film in found.near_films] == ["Park"]


def test_misspelt_title_that_is_a_name_finds_the_film_before_the_films_of_that_name(client, db):
    make_film("Akira")
    for number in range(12):
        make_person(f"Kira {number}", make_film(f"Film {number}"))
    rebuild()
    assert [film.title for film in find("kira").near_films] == ["Akira"]
    text = page(client, "kira").content.decode()
    assert text.index("/people/kira-") < text.index("/films/akira/") < text.index("/films/film-")
    assert suggested(client, "kira")[0]["text"].startswith("Film ")


def test_title_one_letter_from_a_word_of_many_films_is_asked_about(client, db):
    make_films("Devil", *(f"Evil {number}" for number in range(12)))
    rebuild()
    assert [film.title for film in find("evil").near_titles] == ["Devil"]
    text = page(client, "evil").content.decode()
    assert text.index("/films/devil/") < text.index("/films/evil-1/")
    make_film("Evil")
    assert find("evil").near_titles == []


def test_word_too_many_is_left_out(dictionary):
    found = find("inception film")
    assert ([film.title for film in found.part_films], found.near_films) == (["Inception"], [])


def test_longest_word_is_never_left_out(dictionary):
    assert not find("the xqzzyxqzzy")


@pytest.mark.parametrize("query", ["taken 2008", "Taken (2008)", "takem 2008"])
def test_year_behind_a_title_chooses_among_its_films(dictionary, query):
    film = make_film("Taken", release_year=2008)
    assert find(query).films == [film]
    assert find("taken 1999").films == []


def test_films_of_a_misspelt_name_are_found_too(dictionary):
    assert [film.title for film in find("carey muligan").their_films] == ["Shame"]


def test_what_is_called_just_so_needs_no_guesses(dictionary):
    found = find("up")
    assert (found.near_films, found.near_people, found.meant) == ([], [], "")


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("abc", "abd", True),
        ("abc", "ab", True),
        ("ab", "abc", True),
        ("abc", "acb", True),
        ("abc", "bac", True),
        ("abc", "bca", False),
        ("abcd", "abdce", False),
        ("a", "b", True),
        ("abcd", "badc", False),
    ],
)
def test_one_slip_is_one_letter_or_two_swapped(one, other, is_near):
    assert spelling.is_one_slip(one, other) is is_near
    assert spelling.is_one_slip(other, one) is is_near


def test_dictionary_follows_the_films(dictionary):
    assert spelling.neighbours(["inceptio"], connection) == {"inceptio": ["inception"]}
    Film.objects.filter(title="Inception").delete()
    rebuild()
    assert spelling.neighbours(["inceptio"], connection) == {}


# --- The index keeps itself -----------------------------------------------------------------------


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def is_right() -> bool:
    return list(index.differences(connection)) == []


def test_every_door_keeps_the_index(db):
    film = make_film("First")
    film.title = "Second"
    film.save()
    assert (titles("first"), titles("second")) == ([], ["Second"])
    Film.objects.filter(pk=film.pk).update(title="Third", original_title="Troisième")
    assert (titles("second"), titles("troisieme")) == ([], ["Third"])
    execute("UPDATE films_film SET title = 'Fourth' WHERE id = %s", film.pk)
    assert (titles("third"), titles("fourth")) == ([], ["Fourth"])
    Film.objects.bulk_create([Film(title="Fifth", slug="fifth", published_at=LIVE)])
    assert titles("fifth") == ["Fifth"]
    Film.objects.all().delete()
    assert titles("fourth") == titles("fifth") == []
    assert is_right()


@pytest.mark.parametrize(
    ("model", "column"), [(AlternativeTitle, "title"), (Tagline, "text")], ids=["title", "tagline"]
)
def test_texts_of_a_film_are_kept_by_every_door(db, model, column):
    one, other = make_film("One"), make_film("Other")
    table = model._meta.db_table
    row = model.objects.create(film=one, **{column: "Blue"})
    model.objects.bulk_create([model(film=one, **{column: "Green"})])
    assert titles("blue") == titles("green") == ["One"]
    execute(f"UPDATE {table} SET {column} = 'Red' WHERE id = %s", row.pk)
    assert (titles("blue"), titles("red")) == ([], ["One"])
    model.objects.filter(pk=row.pk).update(film=other)
    assert titles("red") == ["Other"]
    model.objects.all().delete()
    assert titles("red") == titles("green") == []
    assert is_right()


def test_names_are_kept_by_every_door(db):
    film = make_film("One")
    person = make_person("Ada First", film)
    Person.objects.filter(pk=person.pk).update(name="Ada Second")
    assert (names("first"), names("second")) == ([], ["Ada Second"])
    execute("UPDATE films_person SET name = 'Ada Third' WHERE id = %s", person.pk)
    assert (names("second"), names("third")) == ([], ["Ada Third"])
    Credit.objects.all().delete()
    assert names("third") == []
    person.delete()
    assert is_right()


def test_draft_stands_in_the_index_once_it_is_published(db):
    draft = Film.objects.create(title="Not Yet")
    Tagline.objects.create(film=draft, text="Wait for it.")
    assert titles("not yet") == titles("wait") == []
    Film.objects.filter(pk=draft.pk).update(published_at=LIVE)
    assert titles("not yet") == titles("wait") == ["Not Yet"]
    Film.objects.filter(pk=draft.pk).update(published_at=None)
    assert titles("not yet") == []
    assert is_right()


def test_scheduled_film_is_found_from_its_moment_on(db, monkeypatch):
    soon = timezone.now() + timedelta(days=1)
    make_person("Early Bird", make_film("Tomorrow", published_at=soon))
    rebuild()
    found = find("tomorow"), find("tomorrow"), find("early bird")
    assert not any(each.films or each.near_films or each.people for each in found)
    monkeypatch.setattr(timezone, "now", lambda: soon)
    assert (titles("tomorrow"), names("early bird")) == (["Tomorrow"], ["Early Bird"])


@pytest.mark.parametrize(
    "trigger",
    [each for each in index.TRIGGERS if each.exists_on(connection.vendor)],
    ids=lambda trigger: trigger.name,
)
def test_missing_trigger_is_noticed_and_mended(db, trigger):
    trigger.drop(connection)
    assert index.missing() == [trigger.name]
    with pytest.raises(CommandError):
        rebuild("--check")
    assert "1 triggers made" in rebuild()
    assert index.missing() == []


def test_films_written_while_triggers_were_missing_are_found_after_migrate(db):
    triggers.remove(index.TRIGGERS, connection)
    make_person("Ada Meanwhile", make_film("Written Meanwhile"))
    gone = make_film("Gone")
    assert titles("meanwhile") == []
    call_command("migrate", verbosity=0)
    assert (titles("meanwhile"), names("meanwhile")) == (["Written Meanwhile"], ["Ada Meanwhile"])
    triggers.remove(index.TRIGGERS, connection)
    gone.delete()
    assert not is_right()
    call_command("migrate", verbosity=0)
    assert is_right()


def test_wrong_row_is_found_and_mended(db):
    film = make_film("Right")
    execute("DELETE FROM films_searchfilm")
    with pytest.raises(CommandError):
        rebuild("--check")
    assert list(index.differences(connection)) == [("films_searchfilm", [film.pk])]
    assert rebuild().startswith("1 rows of the index mended")
    assert titles("right") == ["Right"]
    assert rebuild("--check") == "0 rows of the index differ, 0 triggers missing.\n"


def test_rebuild_moves_the_well_known_to_where_searches_look_first(db, monkeypatch):
    monkeypatch.setattr(index, "WELL_KNOWN", (1, 1, 0))
    monkeypatch.setattr(index, "MOST", 2)
    films = [make_film(f"Night {n}") for n in range(4)]
    give_votes(films[3], 2)
    give_votes(films[2], 1)
    assert titles("night")[0] != "Night 3"  # two were looked at, neither the known
    assert "2 moved" in rebuild()
    assert titles("night") == ["Night 3", "Night 2"]
    Film.objects.filter(pk=films[3].pk).update(title="Day")
    assert (titles("day"), titles("night")[0]) == (["Day"], "Night 2")
    films[3].delete()
    rebuild()
    assert is_right()
    assert "0 moved" in rebuild()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_rebuild_leaves_no_row_behind_for_searches_to_read():
    started = timezone.now()
    rebuild()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE last_vacuum > %s ORDER BY relname",
            [started],
        )
        vacuumed = [name for (name,) in cursor.fetchall()]
    assert vacuumed == ["films_searchfilm", "films_searchperson", "films_searchrenown"]


def test_no_trigger_of_the_index_is_on_votes():
    assert {each.table for each in index.TRIGGERS} == {
        "films_film", "films_alternativetitle", "films_tagline", "films_person",
    }  # fmt: skip


def test_upgraded_database_without_the_index_lacks_no_trigger(db):
    triggers.remove(index.TRIGGERS, connection)
    execute("ALTER TABLE films_searchfilm RENAME TO films_elsewhere")
    execute("ALTER TABLE films_searchperson RENAME TO films_elsewhere_too")
    assert index.missing() == []


# --- The page -------------------------------------------------------------------------------------


def page(client: Any, query: str = "", **values: str) -> Any:
    return client.get("/search/", {"q": query, **values})


def test_page_shows_films_and_people_apart(client, db):
    make_person("Tom Hanks", make_film("Big"))
    make_film("Hanks")
    answer = page(client, "hanks")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert text.index(">Films<") < text.index("/films/hanks/") < text.index(">People<")
    assert text.index("/people/tom-hanks/") < text.index("/films/big/")
    assert text.count('<link rel="canonical" href="http://testserver/search/">') == 1
    assert not answer.cookies


def test_page_without_a_query_has_the_box_and_a_word_on_it(client, db):
    for query in ("", "   ", "\0"):
        text = page(client, query).content.decode()
        assert 'role="search"' in text
        assert "The start of a word is enough" in text


def test_nothing_found_leads_on(client, film):
    text = page(client, "xqzzy").content.decode()
    assert "Nobody and nothing here" in text
    assert f'href="{reverse("films:list")}"' in text


def test_near_miss_is_asked_about(client, dictionary):
    text = page(client, "the matrxi").content.decode()
    assert '<a href="?q=the%20matrix"><bdi>the matrix</bdi></a>' in text
    assert "/films/the-matrix/" in text


def test_echo_is_escaped_and_isolated(client, db):
    text = page(client, "<script>alert(1)</script>\u202e\"'").content.decode()
    assert "<script>alert" not in text
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_long_query_is_cut_and_this_is_told(client, db):
    make_film("Never Let Me Go")
    text = page(client, "never let me go" + " " * 3 + "x" * 3000).content.decode()
    assert "Only the first 100 characters" in text
    assert "x" * 101 not in text
    assert "Only the first" not in page(client, "x" * 100).content.decode()


HOSTILE = [
    '"', '""', '"a', "a*", "*", "NEAR", "NEAR(a b)", "a NEAR b", "a OR b", "OR", "AND",
    "NOT a", "-a", "title:a", "a:b", "^a", "(", ")", "((((a", "a + b", "{a b}: c",
    "a'; DROP TABLE films_film; --",
    "a & | ! <-> b", "a:*", "a:A", "\\", "'", "$$", "%", "%s", "%(a)s", "_", "\t\n",
    "?!.,;", "\u202e\u202d", "\ufeff", "\u0301" * 90, "🎬🎬🎬", "\U000e0041", "a " * 60, "a" * 3000,
    "\x01\x02", "０", "ﷺ" * 50,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: repr(query[:12]))
def test_hostile_query_is_only_words(client, film, query):
    for address in ("/search/", "/search/suggest/"):
        assert client.get(address, {"q": query}).status_code == 200
    assert Film.objects.count() == 1


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "q=%FF%FE", "q=%ED%A0%80", "q=a&q=b", "x=1"])
def test_bytes_that_are_no_text_are_answered(client, film, query):
    for address in ("/search/", "/search/suggest/"):
        assert client.get(f"{address}?{query}").status_code == 200


def test_page_is_never_kept_by_the_cache(client, db, settings):
    settings.PAGE_CACHE_SECONDS = 10
    make_film("First Night")
    page(client, "night")
    make_film("Second Night")
    answer = page(client, "night")
    assert "Second Night" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_sixty_first_search_in_a_minute_waits(client, film, settings):
    settings.SEARCHES_A_MINUTE = 2
    assert [page(client, "never").status_code for _ in range(3)] == [200, 200, 429]
    answer = page(client, "never")
    assert 0 < int(answer.headers["Retry-After"]) <= 120
    assert page(client, "").status_code == 200
    elsewhere = client.get("/search/", {"q": "never"}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 200


def test_suggestions_have_a_limit_of_their_own(client, film, settings):
    settings.SUGGESTIONS_A_MINUTE = 1
    assert client.get("/search/suggest/", {"q": "never"}).status_code == 200
    answer = client.get("/search/suggest/", {"q": "never"})
    assert (answer.status_code, answer.json()) == (429, {"suggestions": []})
    assert page(client, "never").status_code == 200


def test_number_of_queries_does_not_grow_with_what_is_found(client, db, django_assert_num_queries):
    for number in range(3):
        make_person(f"Night Person {number}", make_film(f"Night {number}"))
    page(client, "night")
    with django_assert_num_queries(14, exact=False) as few:
        page(client, "night")
    for number in range(3, 30):
        make_person(f"Night Person {number}", make_film(f"Night {number}"))
    with django_assert_num_queries(len(few), exact=False):
        page(client, "night")


# --- Suggestions ----------------------------------------------------------------------------------


def suggested(client: Any, query: str) -> list[dict[str, str]]:
    answer = client.get("/search/suggest/", {"q": query})
    assert answer.headers["Content-Type"] == "application/json"
    found: list[dict[str, str]] = json.loads(answer.content)["suggestions"]
    return found


def test_suggestions_are_films_then_people(client, db):
    film = make_film("Never Let Me Go", release_year=2010)
    make_person("Nevena Ray", film)
    assert suggested(client, "nev") == [
        {"text": "Never Let Me Go", "note": "2010", "address": film.get_absolute_url()},
        {"text": "Nevena Ray", "note": "Person", "address": "/people/nevena-ray/"},
    ]


def test_at_most_eight_are_suggested_and_their_number_is_told(client, db):
    for number in range(9):
        make_person(f"Night Person {number}", make_film(f"Night {number}"))
    answer = client.get("/search/suggest/", {"q": "night"}).json()
    assert (len(answer["suggestions"]), answer["status"]) == (8, "8 suggestions")
    assert client.get("/search/suggest/", {"q": "xqzzy"}).json()["status"] == "No suggestion"
    assert suggested(client, "") == []


def test_slip_is_forgiven_in_suggestions_too(client, dictionary):
    assert [each["text"] for each in suggested(client, "inceptoin")] == ["Inception"]


def test_drafts_are_never_suggested(client, draft):
    make_person("Not Anybody", draft)
    rebuild()
    for query in ("not", "not yet", "nto yet", "anybody"):
        assert suggested(client, query) == []


def test_every_page_has_the_box_once(client, film):
    for address in ("/", "/films/", film.get_absolute_url(), "/search/?q=never", "/nothing-here/"):
        text = client.get(address).content.decode()
        assert len(re.findall('role="search"', text)) == 1
