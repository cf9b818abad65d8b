"""Members bring votes, reviews and films to see from elsewhere, and take them back."""

import io
import time
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from films.importing.table import FileRefusedError
from films.importing.upload import KEPT_FOR
from films.models import Film
from films.text import render_markdown
from reviews.importing import RowRefusedError
from reviews.models import (
    AudienceScore,
    ModerationAct,
    NewcomerHold,
    OwnImport,
    Review,
    Vote,
    WatchlistEntry,
)
from reviews.own_imports import letterboxd, upload
from reviews.own_imports.brought import Brought
from reviews.own_imports.reading import read
from reviews.own_imports.texts import review_of
from reviews.views import bringing

START = "/account/import/"
LIVE = datetime(2026, 1, 1, tzinfo=UTC)
RATINGS = "Date,Name,Year,Letterboxd URI,Rating\r\n"
DIARY = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\r\n"
REVIEWS = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\r\n"
WATCHLIST = "Date,Name,Year,Letterboxd URI\r\n"
IMDB = "Const,Your Rating,Date Rated,Title,Original Title,Title Type,Year\n"
LIST = "Position,Const,Created,Title,Title Type,Year,Your Rating,Date Rated\n"

ONE_RATING = {"ratings.csv": RATINGS + "2024-01-10,Salt,1998,https://boxd.it/a,4.5\r\n"}
ALL = ONE_RATING | {
    "reviews.csv": REVIEWS + '2024-02-12,Salt,1998,https://boxd.it/b,,,"Slow.\r\nGood.",,\r\n',
    "watchlist.csv": WATCHLIST + "2024-05-01,Sea,1999,https://boxd.it/c\r\n",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def make_film(title: str, year: int | None = None, **fields: Any) -> Film:
    fields = {"published_at": LIVE, "release_year": year} | fields
    return Film.objects.create(title=title, **fields)


@pytest.fixture
def salt(db: None) -> Film:
    return make_film("Salt", 1998, imdb_id="tt0000198")


@pytest.fixture
def sea(db: None) -> Film:
    return make_film("Sea", 1999)


def zip_of(tables: dict[str, str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as zipped:
        for name, text in tables.items():
            zipped.writestr(name, text)
    return file.getvalue()


def brought(content: bytes | str | dict[str, str]) -> Brought:
    if isinstance(content, dict):
        content = zip_of(content)
    return read(io.BytesIO(content.encode() if isinstance(content, str) else content))


def items(found: Brought) -> list[tuple[str, str, int]]:
    return [(str(item.what), item.named.title, item.score) for item in found.items]


def reasons(found: Brought) -> list[str]:
    return [row.reason for row in found.skipped]


@pytest.fixture
def browser(client: Client, member: Any) -> Client:
    client.force_login(member)
    return client


def send(client: Client, content: Any, name: str = "export") -> Any:
    if isinstance(content, dict):
        content = zip_of(content)
    content = content.encode() if isinstance(content, str) else content
    return client.post(START, {"file": SimpleUploadedFile(name, content)})


def bring(client: Client, content: Any, **answers: str) -> str:
    """Send the file, confirm, and give the page that answers."""
    looked = send(client, content)
    assert looked.status_code == 302, looked.content.decode()
    return client.post(looked.url, answers, follow=True).content.decode()


def lying(media: Any) -> list[str]:
    return sorted(path.name for path in media.glob(".own-imports/*/*"))


# --- Reading Letterboxd's zip ---


@pytest.mark.parametrize(
    ("stars", "score"), [("0.5", 1), ("3.5", 7), ("4.5", 9), ("5", 10), ("2.9", 6)]
)
def test_stars_become_scores_rounded_never_cut(stars, score):
    found = brought({"ratings.csv": f"{RATINGS}2024-01-10,Salt,1998,u,{stars}\r\n"})
    assert items(found) == [("vote", "Salt", score)]


@pytest.mark.parametrize("stars", ["0", "6", "x", "-1", "NaN"])
def test_rating_that_is_none_is_skipped_with_its_line(stars):
    found = brought({"ratings.csv": f"{RATINGS}2024-01-10,Salt,1998,u,{stars}\r\n"})
    assert items(found) == []
    assert found.skipped[0].place == "ratings.csv, line 2"
    assert "is not a number of stars" in found.skipped[0].reason


def test_diary_counts_only_where_ratings_have_nothing_and_the_latest_wins():
    diary = (
        "2024-01-11,Salt,1998,entry1,2,,,2024-01-10\r\n"
        "2024-03-13,Sea,1999,entry2,5,Yes,,2024-03-12\r\n"
        "2024-02-12,Sea,1999,entry3,3,,,2024-02-11\r\n"
        "2024-02-12,Sky,2000,entry4,,,,2024-02-11\r\n"
    )
    found = brought(ONE_RATING | {"diary.csv": DIARY + diary})
    assert items(found) == [("vote", "Salt", 9), ("vote", "Sea", 10)]
    assert [row.place for row in found.skipped] == [
        "diary.csv, line 4",
        "diary.csv, line 5",
        "diary.csv, line 2",
    ]
    assert reasons(found)[1] == "No rating."
    assert reasons(found)[2] == "ratings.csv has 4½ stars for this film."


def test_review_over_several_lines_keeps_them():
    found = brought(ALL)
    assert found.items[1].text == "Slow.\nGood."
    assert found.items[1].day == "2024-02-12"


def test_what_was_deleted_there_is_not_read_and_other_tables_are_named():
    old = ONE_RATING["ratings.csv"].replace("Salt", "Old")
    tables = {"deleted/ratings.csv": old, "orphaned/reviews.csv": REVIEWS, "likes/films.csv": old}
    found = brought({**tables, "watched.csv": WATCHLIST, **ONE_RATING})
    assert items(found) == [("vote", "Salt", 9)]
    assert found.ignored == ["deleted", "orphaned", "likes", "watched.csv"]


def test_zip_made_again_with_a_folder_is_read():
    tables = {f"export/{name}": text for name, text in ALL.items()}
    tables |= {"__MACOSX/export/._ratings.csv": "x", "export/deleted/diary.csv": DIARY}
    assert len(brought(tables).items) == 3


def test_byte_order_mark_is_no_part_of_the_first_column():
    assert len(brought({"ratings.csv": "\ufeff" + ONE_RATING["ratings.csv"]}).items) == 1


def test_line_that_is_not_utf_8_is_skipped_alone():
    table = RATINGS.encode() + b"2024-01-10,Am\xe9lie,2001,u,5\r\n2024-01-10,Salt,1998,u,4\r\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("ratings.csv", table)
    found = brought(file.getvalue())
    assert items(found) == [("vote", "Salt", 8)]
    assert "not UTF-8" in reasons(found)[0]


def test_tables_without_rows_or_bytes_are_nothing():
    assert brought(ONE_RATING | {"watchlist.csv": "", "diary.csv": DIARY}).rows == 1


def bomb() -> bytes:
    return zip_of({"ratings.csv": RATINGS + "0" * 10_000_000})


def wrong_sum() -> bytes:
    return zip_of(ONE_RATING, zipfile.ZIP_STORED).replace(b",Salt,", b",Malt,")


def twice() -> bytes:
    return zip_of({"ratings.csv": RATINGS, "ratings.cs_": RATINGS}).replace(b".cs_", b".csv")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb, "packed tighter"),
        (twice, "ratings.csv twice"),
        (lambda: zip_of({}), "none of Letterboxd’s tables"),
        (lambda: zip_of({"notes.txt": "x"}), "none of Letterboxd’s tables"),
        (lambda: zip_of({"deleted/ratings.csv": RATINGS}), "none of Letterboxd’s tables"),
        (lambda: zip_of({"../ratings.csv": RATINGS}), "none of Letterboxd’s tables"),
        (lambda: zip_of({"ratings.csv": "Name,Year\n"}), "does not name the columns rating"),
        (lambda: zip_of(ALL)[:200], "cut off"),
        (wrong_sum, "cannot be read"),
        (lambda: zip_of(ALL, zipfile.ZIP_LZMA), "packed in a way"),
        (lambda: zip_of({f"lists/{n}.csv": "" for n in range(5_001)} | ALL), "too many files"),
        (lambda: b"\x1f\x8b\x08\x00", "unpack it first"),
        (lambda: b"", "empty"),
        (RATINGS.encode, "whole zip"),
        (lambda: b"Letterboxd list export v7\nDate,Name\n", "whole zip"),
        (lambda: b"title,release_year\nSalt,1998\n", "its first line names title, release_year"),
        (lambda: "Const,Title\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_file_that_is_none_is_refused_with_a_sentence(content, words):
    with pytest.raises(FileRefusedError, match=words):
        brought(content())


def test_tables_larger_than_allowed_are_refused_before_they_are_unpacked(monkeypatch):
    monkeypatch.setattr(letterboxd, "LARGEST_UNPACKED", 50)
    with pytest.raises(FileRefusedError, match="larger than 20 MB"):
        brought(ALL)


def test_file_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr("reviews.own_imports.brought.MOST_ROWS", 2)
    with pytest.raises(FileRefusedError, match="more than 2 rows"):
        brought(ALL)


# --- A review's text ---


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("<i>Salt</i> is <b>good</b>.", "<p><em>Salt</em> is <strong>good</strong>.</p>"),
        ("One<br>two<br />three", "<p>One<br>\ntwo<br>\nthree</p>"),
        ("M*A*S*H and a_b_c", "<p>M*A*S*H and a_b_c</p>"),
        ("so <grin> I said", "<p>so &lt;grin&gt; I said</p>"),
        ("# 1 of <i>all</i>", "<p># 1 of <em>all</em></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <i> b </i>c", "<p>a  <em>b</em> c</p>"),
        ("<i>one\r\n\r\ntwo</i>", "<p><em>one</em></p>\n<p><em>two</em></p>"),
        ("<i>“No”</i>s", "<p>“No”s</p>"),
        (
            "<blockquote>So</blockquote>be it",
            "<blockquote>\n<p>So</p>\n</blockquote>\n<p>be it</p>",
        ),
        ('<a href="https://a.example/">here</a>', "<p>here (https://a.example/)</p>"),
        ("Fish &amp; chips &lt;b&gt;", "<p>Fish &amp; chips &lt;b&gt;</p>"),
        (">!not sealed!<", "<p>&gt;!not sealed!&lt;</p>"),
        ("\x00\x07bell", "<p>bell</p>"),
    ],
)
def test_tags_become_markdown_and_all_else_stays_a_word(written, html):
    assert render_markdown(review_of(written)).strip() == html


def test_review_without_a_text_or_over_the_limit_is_refused():
    for text in ("", " \u200b ", "<br><i></i>", "x" * 20_001):
        with pytest.raises(RowRefusedError):
            review_of(text)


# --- Reading IMDb's tables ---


def test_ratings_are_taken_as_they_are():
    rows = "tt0000198,7,2024-02-02,Salt,Salt,Movie,1998\ntt0000199,11,,Sea,Sea,Movie,1999\n"
    found = brought(IMDB + rows)
    assert items(found) == [("vote", "Salt", 7)]
    assert reasons(found) == ["“11” is not a whole number from 1 to 10."]
    assert not found.asks


@pytest.mark.parametrize(
    "kind",
    ["TV Series", "TV Mini Series", "TV Episode", "Video Game", "Podcast Series", "tvSeries"],
)
def test_what_is_no_film_is_skipped_with_its_kind(kind):
    found = brought(f"{IMDB}tt0000198,7,2024-02-02,Salt,Salt,{kind},1998\n")
    assert items(found) == []
    assert reasons(found) == [f"Not a film: {kind}."]


@pytest.mark.parametrize("kind", ["Movie", "TV Movie", "tvMovie", "Short", "Video", ""])
def test_films_of_every_kind_are_taken(kind):
    assert len(brought(f"{IMDB}tt0000198,7,2024-02-02,Salt,Salt,{kind},1998\n").items) == 1


def test_list_gives_votes_where_there_are_any_and_films_to_see_elsewhere():
    rows = (
        "1,tt0000199,2024-01-01,Sea,Movie,1999,,\n"
        "1,tt0000198,2024-01-01,Salt,Movie,1998,,\n"
        "2,tt0000198,2024-01-01,Salt,Movie,1998,8,2024-02-02\n"
        "3,200,2024-01-01,Sky,Movie,2000,,\n"
    )
    found = brought(LIST + rows)
    assert found.asks
    assert items(found) == [("watchlist", "Sea", 0), ("vote", "Salt", 8), ("watchlist", "Sky", 0)]
    assert found.items[2].named.imdb_id == "tt0000200"
    assert [row.place for row in found.skipped] == ["line 3"]


def test_rows_survive_being_kept():
    found = brought(ALL)
    assert Brought.from_json(found.as_json()) == found


# --- What is shown first ---


def test_look_tells_what_would_come_and_stores_nothing(browser, salt, sea, media):
    answer = send(browser, ALL | {"watched.csv": WATCHLIST})
    page = browser.get(answer.url).content.decode()
    for words in ("nothing is stored yet", "Votes</dt><dd>1<", "Reviews</dt><dd>1<", "watched.csv"):
        assert words in page
    for model in (Vote, Review, WatchlistEntry, OwnImport):
        assert not model.objects.exists()
    assert lying(media) == ["preview.json", "rows.json"]


def test_confirming_stores_votes_reviews_and_films_to_see(browser, member, salt, sea, media):
    page = bring(browser, ALL)
    assert "Imported: 1 vote, 1 review, 1 film to see." in page
    assert salt.votes.get().score == 9
    assert AudienceScore.objects.get(film=salt).n9 == 1
    review = salt.reviews.get()
    assert (review.body, review.status) == ("Slow.\nGood.", "published")
    assert review.written_at == datetime(2024, 2, 12, 12, tzinfo=UTC)
    assert list(member.watchlist.values_list("film", flat=True)) == [sea.pk]
    assert OwnImport.objects.get().entries.count() == 3
    assert "rows.json" not in lying(media)


def test_vote_is_of_the_moment_of_the_import(browser, salt):
    before = timezone.now()
    bring(browser, ONE_RATING)
    assert salt.votes.get().cast_at >= before


def test_date_in_the_future_is_not_believed(browser, salt):
    rows = "2199-01-01,Salt,1998,u,,,Good.,,\r\n"
    bring(browser, {"reviews.csv": REVIEWS + rows})
    assert salt.reviews.get().written_at <= timezone.now()


def test_what_is_here_already_is_never_replaced(browser, member, salt, sea):
    Vote.objects.cast(salt, member, 2)
    Review.objects.create(film=salt, author=member, body="Mine.")
    WatchlistEntry.objects.create(film=sea, member=member)
    page = browser.get(send(browser, ALL).url).content.decode()
    assert "Here already</dt><dd>3 kept as they are" in page
    assert "There is nothing to add" in page
    assert "Nothing was added" in bring(browser, ALL)
    assert salt.votes.get().score == 2
    assert salt.reviews.get().body == "Mine."
    assert not OwnImport.objects.exists()


def test_importing_twice_changes_nothing_and_says_so(browser, salt, sea):
    bring(browser, ALL)
    before = list(Vote.objects.values()), list(Review.objects.values())
    assert "Nothing was added" in bring(browser, ALL)
    assert (list(Vote.objects.values()), list(Review.objects.values())) == before
    assert OwnImport.objects.count() == 1


def test_second_click_imports_once(browser, salt, sea):
    looked = send(browser, ALL).url
    browser.post(looked)
    Vote.objects.all().delete()
    page = browser.post(looked, follow=True).content.decode()
    assert "imported already" in page
    assert not Vote.objects.exists()


def test_failure_stores_nothing_and_can_be_confirmed_again(browser, salt, sea, monkeypatch):
    looked = send(browser, ALL).url
    with monkeypatch.context() as patch:
        patch.setattr(upload, "store", _fails)
        page = browser.post(looked, follow=True).content.decode()
    assert "Nothing was stored: confirm once more" in page
    assert not Vote.objects.exists()
    assert "Imported: 1 vote" in browser.post(looked, follow=True).content.decode()


def _fails(*args: Any) -> None:
    raise IntegrityError


# --- Which film is meant ---


@pytest.mark.parametrize("title", ["Amélie!", "AMELIE", "Amelie"])
def test_title_and_year_match_without_case_accents_and_marks(browser, db, title):
    film = make_film("Amélie", 2001)
    bring(browser, {"ratings.csv": f"{RATINGS}2024-01-10,{title},2001,u,4\r\n"})
    assert film.votes.count() == 1


def test_imdb_number_goes_before_the_title(browser, salt):
    bring(browser, f"{IMDB}tt0000198,7,2024-02-02,Pepper,Pepper,Movie,1950\n")
    assert salt.votes.get().score == 7


def test_film_with_another_imdb_number_is_another_film(browser, salt):
    bring(browser, f"{IMDB}tt0000777,7,2024-02-02,Salt,Salt,Movie,1998\n")
    assert not Vote.objects.exists()


def test_draft_is_not_found_and_not_told(browser, db):
    make_film("Salt", 1998, published_at=None)
    make_film("Saltz", 1998, published_at=timezone.now() + timedelta(days=1))
    page = browser.get(send(browser, ONE_RATING).url).content.decode()
    assert "Not found</dt><dd>1<" in page
    assert "<select" not in page
    bring(browser, ONE_RATING)
    assert not Vote.objects.exists()


def test_vote_waits_for_its_day_but_a_review_does_not(browser, salt, sea):
    Film.objects.filter(pk=salt.pk).update(voting_opens_on=date(2199, 5, 12))
    page = browser.get(send(browser, ALL).url).content.decode()
    assert "Voting opens on 12 May 2199." in page
    bring(browser, ALL)
    assert not salt.votes.exists()
    assert salt.reviews.exists()


@pytest.mark.parametrize(
    ("title", "year"), [("Salt", 2001), ("Salt of the Earth", 1998), ("The Salt", 1999)]
)
def test_film_that_comes_near_can_be_chosen(browser, db, title, year):
    film = make_film(title, year)
    looked = send(browser, ONE_RATING).url
    assert f'<option value="{film.pk}">{title} ({year})</option>' in (
        browser.get(looked).content.decode()
    )
    browser.post(looked, {"film-0": str(film.pk)})
    assert film.votes.get().score == 9


def test_film_that_was_not_offered_cannot_be_chosen(browser, sea, draft):
    make_film("Salt", 2001)
    for film in (sea, draft):
        bring(browser, ONE_RATING, **{"film-0": str(film.pk)})
    assert not Vote.objects.exists()


def test_two_films_of_one_title_and_year_are_asked_about(browser, salt):
    other = make_film("Salt", 1998)
    looked = send(browser, ONE_RATING).url
    assert browser.get(looked).content.decode().count("<option value=") == 3
    browser.post(looked, {"film-0": str(other.pk)})
    assert list(Vote.objects.values_list("film", flat=True)) == [other.pk]


def test_list_goes_to_the_watchlist_only_if_asked_to(browser, member, salt):
    table = f"{LIST}1,tt0000198,2024-01-01,Salt,Movie,1998,,\n"
    bring(browser, table)
    assert not member.watchlist.exists()
    bring(browser, table, to_see="on")
    assert member.watchlist.get().film == salt


def test_watchlist_keeps_the_order_of_the_file(browser, member, salt, sea):
    rows = "2024-05-02,Sea,1999,u\r\n2024-05-01,Salt,1998,u\r\n"
    bring(browser, {"watchlist.csv": WATCHLIST + rows})
    assert [entry.film for entry in member.watchlist.all()] == [sea, salt]


# --- The rules of votes and reviews hold ---


def test_newcomers_votes_are_held_where_moderators_hold_them(browser, moderator, salt, sea):
    until = timezone.now() + timedelta(days=1)
    NewcomerHold.objects.switch_on(salt, moderator, younger_than=3, until=until, reason="Burst")
    rows = RATINGS + "2024-01-10,Salt,1998,u,4\r\n2024-01-10,Sea,1999,u,4\r\n"
    page = bring(browser, {"ratings.csv": rows})
    assert "Held until a moderator looks: 1 vote." in page
    assert (salt.votes.get().status, salt.votes.get().reason) == ("held", "Burst")
    assert sea.votes.get().status == "counted"


def test_first_reviews_wait_where_the_site_wants_that(browser, salt, settings):
    settings.HOLD_FIRST_REVIEWS = True
    page = bring(browser, ALL)
    assert "Held until a moderator looks: 1 review." in page
    assert salt.reviews.get().status == "held"
    assert salt.reviews.get().reason


def test_sixth_import_within_an_hour_waits(browser, salt):
    for _round in range(5):
        assert send(browser, ONE_RATING).status_code == 302
    answer = send(browser, ONE_RATING)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_file_over_the_limit_and_no_file_are_refused(browser, monkeypatch, media):
    assert "Choose a file first." in browser.post(START).content.decode()
    monkeypatch.setattr(bringing, "LARGEST_FILE", 10)
    answer = send(browser, ALL)
    assert answer.status_code == 400
    assert "more than 20 MB" in answer.content.decode()
    assert lying(media) == []


# --- Taking back ---


def take_back(client: Client, own_import: OwnImport) -> str:
    address = f"{START}{own_import.pk}/take-back/"
    return client.post(address, follow=True).content.decode()


def test_taking_back_removes_what_the_import_made(browser, member, salt, sea, other_member):
    Vote.objects.cast(sea, member, 3)
    Vote.objects.cast(salt, other_member, 4)
    bring(browser, ALL)
    own_import = OwnImport.objects.get()
    page = browser.get(f"{START}{own_import.pk}/take-back/").content.decode()
    assert "1 vote, 1 review, 1 film to see" in page
    assert "Taken back: 1 vote, 1 review, 1 film to see." in take_back(browser, own_import)
    assert list(member.votes.values_list("film", flat=True)) == [sea.pk]
    assert not member.reviews.exists()
    assert not member.watchlist.exists()
    assert AudienceScore.objects.get(film=salt).votes == 1
    assert OwnImport.objects.get().taken_back_at


def test_second_taking_back_changes_nothing(browser, member, salt, sea):
    bring(browser, ALL)
    own_import = OwnImport.objects.get()
    take_back(browser, own_import)
    when = OwnImport.objects.get().taken_back_at
    Vote.objects.cast(salt, member, 5)
    assert "Nothing changed" in take_back(browser, own_import)
    assert salt.votes.get().score == 5
    assert OwnImport.objects.get().taken_back_at == when


def test_file_can_be_imported_again_after_taking_back(browser, salt, sea):
    bring(browser, ALL)
    take_back(browser, OwnImport.objects.get())
    assert "Imported: 1 vote, 1 review, 1 film to see." in bring(browser, ALL)


def test_what_was_changed_since_stays_and_is_named(browser, member, salt, sea):
    bring(browser, ALL)
    Vote.objects.cast(salt, member, 9)
    Review.objects.update(body="Better.", edited_at=timezone.now())
    page = take_back(browser, OwnImport.objects.get())
    assert "Kept, since you changed them: 1 vote, 1 review." in page
    assert salt.votes.exists()
    assert salt.reviews.exists()


def test_vote_cast_anew_and_review_written_anew_stay(browser, member, salt, sea):
    bring(browser, ALL)
    Vote.objects.all().delete()
    Review.objects.all().delete()
    WatchlistEntry.objects.all().delete()
    Vote.objects.cast(salt, member, 9)
    Review.objects.create(film=salt, author=member, body="Anew.")
    WatchlistEntry.objects.create(film=sea, member=member)
    take_back(browser, OwnImport.objects.get())
    assert (salt.votes.count(), salt.reviews.count(), member.watchlist.count()) == (1, 1, 1)


def test_what_a_later_import_made_again_is_that_ones(browser, member, salt, sea):
    bring(browser, ALL)
    member.votes.all().delete()
    member.reviews.all().delete()
    bring(browser, ALL)
    later, first = OwnImport.objects.all()
    take_back(browser, first)
    assert (salt.votes.count(), salt.reviews.count(), member.watchlist.count()) == (1, 1, 0)
    take_back(browser, later)
    assert (salt.votes.count(), salt.reviews.count()) == (0, 0)


@pytest.mark.parametrize("status", ["held", "discounted"])
def test_vote_that_moderators_set_aside_stays(browser, salt, sea, moderator, status):
    bring(browser, ALL)
    ModerationAct.objects.carry_out(Vote.objects.all(), moderator, status, "Odd")
    page = take_back(browser, OwnImport.objects.get())
    assert "Kept, since moderators set them aside: 1 vote." in page
    assert salt.votes.get().status == status
    assert not salt.reviews.exists()


# --- Whose it is ---


def test_another_members_import_is_not_found(browser, other_member, salt, sea):
    looked = send(browser, ALL).url
    bring(browser, ONE_RATING)
    own_import = OwnImport.objects.get()
    looked_again = send(browser, ALL).url
    browser.force_login(other_member)
    for address in (looked, looked_again, f"{START}{own_import.pk}/take-back/"):
        assert browser.get(address).status_code == 404
        assert browser.post(address).status_code == 404
    assert salt.votes.count() == 1
    assert "None yet" in browser.get(START).content.decode()


@pytest.mark.parametrize("token", ["0" * 32, "..", "x", "%2e%2e%2f"])
def test_upload_that_is_none_is_not_found(browser, token):
    assert browser.get(f"{START}{token}/").status_code == 404


def test_new_upload_takes_the_place_of_the_one_before(browser, salt, media):
    looked = send(browser, ONE_RATING).url
    assert send(browser, ONE_RATING).url != looked
    assert browser.get(looked).status_code == 404
    assert lying(media) == ["preview.json", "rows.json"]


def test_upload_left_lying_goes_after_a_day(browser, other_member, salt, media, monkeypatch):
    send(browser, ONE_RATING)
    browser.force_login(other_member)
    later = time.time() + KEPT_FOR + 60
    monkeypatch.setattr(time, "time", lambda: later)
    send(browser, ONE_RATING)
    assert lying(media) == ["preview.json", "rows.json"]


def test_what_the_file_says_is_escaped(browser, db):
    rows = '2024-01-10,"<img src=x onerror=alert(1)>",1998,u,4\r\n'
    page = browser.get(send(browser, {"ratings.csv": RATINGS + rows}).url).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


# --- How much it costs ---


@pytest.mark.parametrize("rows", [1, 60])
def test_pages_ask_as_many_queries_however_many_rows(browser, db, rows, django_assert_num_queries):
    for number in range(rows):
        make_film(f"Salt {number}", 1998)
    table = "".join(f"2024-01-10,Salt {number},1997,u,4\r\n" for number in range(rows))
    looked = send(browser, {"ratings.csv": RATINGS + table}).url
    with django_assert_num_queries(3):  # session, member, the footer
        browser.get(looked)
    answers = {f"film-{n}": str(film.pk) for n, film in enumerate(Film.objects.order_by("pk"))}
    with django_assert_num_queries(21):
        browser.post(looked, answers)
    assert Vote.objects.count() == rows
    browser.get(START)  # which says what was done, and forgets that
    with django_assert_num_queries(5):
        browser.get(START)
    with django_assert_num_queries(10):
        browser.get(f"{START}{OwnImport.objects.get().pk}/take-back/")
