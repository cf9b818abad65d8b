"""import_votes: scores, voters, which vote wins, and that the tally stays exact."""

import csv
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from films.models import Film, FilmSlug
from reviews import tally
from reviews.importing import RowRefusedError, score_of_stars
from reviews.models import AudienceScore, Member, Vote

pytestmark = pytest.mark.django_db

DAY = 1_000_000_000  # a moment in seconds since 1970


@pytest.fixture
def films():
    """Two films, one known by its TMDB number, one by its IMDb number."""
    return (
        Film.objects.create(title="Salt", tmdb_id=11),
        Film.objects.create(title="Sea", imdb_id="tt0000022"),
    )


def write(path, header, *rows):
    path.write_text("".join(f"{line}\r\n" for line in (header, *rows)))
    return str(path)


def movielens(tmp_path, *ratings):
    """Arguments for these ratings; film 1 is Salt, 2 Sea, 3 Salt again, the others not here."""
    return (
        write(tmp_path / "ratings.csv", "userId,movieId,rating,timestamp", *ratings),
        "--films",
        write(
            tmp_path / "links.csv",
            "movieId,imdbId,tmdbId",
            *("1,0000011,11", "2,22,999", "3,0000033,11", "4,44,", "5,,"),
        ),
    )


def plain(tmp_path, *rows, name="old-club.csv"):
    return write(tmp_path / name, "member,film,score,cast_at", *rows)


def run(capsys, *arguments):
    """The closing line, and what was said of refused rows."""
    capsys.readouterr()
    try:
        call_command("import_votes", *arguments)
    except CommandError as error:
        if "rows were refused" not in str(error):
            raise
    assert list(tally.differences(connection)) == []
    said = capsys.readouterr()
    return said.out.strip(), said.err.strip()


def scores():
    votes = Vote.objects.order_by("film__title", "member__username")
    return list(votes.values_list("film__title", "member__username", "score"))


def test_movielens_ratings_become_votes_of_new_members(tmp_path, capsys, films):
    out, err = run(
        capsys, *movielens(tmp_path, f"1,1,0.5,{DAY}", f"1,2,4.5,{DAY}", f"2,1,5.0,{DAY}")
    )
    assert out.startswith("3 votes of movielens: 3 created, 0 updated, 0 same")
    assert out.endswith("2 members made.")
    assert err == ""
    assert scores() == [
        ("Salt", "movielens-1", 1),
        ("Salt", "movielens-2", 10),
        ("Sea", "movielens-1", 9),
    ]
    assert Vote.objects.all()[0].cast_at == datetime.fromtimestamp(DAY, UTC)
    assert AudienceScore.objects.get(film__title="Salt").percent == 5500


@pytest.mark.parametrize("stars", range(1, 11))
def test_every_half_star_becomes_its_score(stars):
    assert score_of_stars(str(stars / 2)) == stars


@pytest.mark.parametrize(
    ("text", "score"), [("3.3", 7), ("4.95", 10), ("0.3", 1), ("3", 6), ("2.9", 6)]
)
def test_stars_are_rounded_never_truncated(text, score):
    assert score_of_stars(text) == score


@pytest.mark.parametrize("text", ["0", "0.1", "5.5", "-1", "NaN", "Infinity", "", "four", "1e9"])
def test_what_is_no_number_of_stars_is_refused(text):
    with pytest.raises(RowRefusedError):
        score_of_stars(text)


def test_importing_twice_changes_nothing(tmp_path, capsys, films):
    arguments = movielens(tmp_path, f"1,1,0.5,{DAY}", f"1,1,4,{DAY - 1}", f"2,2,5.0,{DAY}")
    run(capsys, *arguments)
    before = (list(Vote.objects.values()), list(Member.objects.values()))
    out, _err = run(capsys, *arguments)
    assert "0 created, 0 updated, 2 same, 1 older than another" in out
    assert "0 members made" in out
    assert (list(Vote.objects.values()), list(Member.objects.values())) == before


def test_newest_vote_wins_wherever_it_stands(tmp_path, capsys, films):
    run(capsys, *movielens(tmp_path, f"1,1,2,{DAY}", f"1,1,3,{DAY + 9}", f"1,1,4,{DAY + 5}"))
    assert scores() == [("Salt", "movielens-1", 6)]
    out, _err = run(capsys, *movielens(tmp_path, f"1,1,1,{DAY + 8}"))
    assert "1 older than another" in out
    assert scores() == [("Salt", "movielens-1", 6)]
    out, _err = run(capsys, *movielens(tmp_path, f"1,1,1,{DAY + 10}"))
    assert "1 updated" in out
    assert scores() == [("Salt", "movielens-1", 2)]


def test_two_source_films_that_are_one_here_leave_one_vote(tmp_path, capsys, films):
    out, _err = run(capsys, *movielens(tmp_path, f"1,1,2,{DAY}", f"1,3,5,{DAY + 1}"))
    assert "1 created" in out
    assert "1 older" in out
    assert scores() == [("Salt", "movielens-1", 10)]


def test_votes_for_films_that_are_not_here_are_counted_and_no_failure(tmp_path, capsys, films):
    arguments = movielens(tmp_path, *(f"1,{film},3,{DAY}" for film in (1, 4, 5, 6, 6)))
    report = tmp_path / "report.csv"
    call_command("import_votes", *arguments, "--report", str(report))
    assert "1 created" in (out := capsys.readouterr().out)
    assert "4 of 3 films that are not here" in out
    lines = [row["line"] for row in csv.DictReader(report.read_text().splitlines())]
    assert lines == ["3", "4", "5", "6"]


def test_films_go_by_address_earlier_address_and_numbers(tmp_path, capsys, films):
    FilmSlug.objects.create(film=films[0], slug="old-salt")
    names = ("salt", "old-salt", "tmdb:11", "imdb:tt0000022", "sea", "tmdb:12", "nowhere")
    rows = [f"m{n},{film},{n + 1},2020-01-0{n + 1}" for n, film in enumerate(names)]
    out, _err = run(capsys, plain(tmp_path, *rows))
    assert "7 votes of old-club: 5 created" in out
    assert [score for _film, _member, score in scores()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,salt,0,2020-01-01", "whole number from 1 to 10"),
        ("a,salt,11,2020-01-01", "whole number from 1 to 10"),
        ("a,salt,7.5,2020-01-01", "whole number from 1 to 10"),
        ("a,salt,٥,2020-01-01", "whole number from 1 to 10"),
        ("a,salt,5,", "no moment"),
        ("a,salt,5,01/02/2020", "no moment"),
        ("a,salt,5,2999-01-01", "future"),
        ("a,salt,5,1950-01-01", "before 1970"),
        (",salt,5,2020-01-01", "empty"),
        (f"{'a' * 61},salt,5,2020-01-01", "over 60 characters"),
        ("a,imdb:22,5,2020-01-01", "not a film's address"),
        ("a,tmdb:0,5,2020-01-01", "not a film's address"),
        ("a,salt,5", "3 columns instead of 4"),
    ],
)
def test_bad_row_is_refused_with_its_line_and_stops_nothing(tmp_path, capsys, films, row, reason):
    out, err = run(capsys, plain(tmp_path, row, "b,salt,5,2020-01-01"))
    assert "1 created" in out
    assert "1 refused" in out
    assert err.startswith("line 2")
    assert reason in err


def test_voter_is_never_matched_to_a_persons_account(tmp_path, capsys, films, member):
    Member.objects.filter(pk=member.pk).update(username="Old-Club-Anna")
    out, _err = run(capsys, plain(tmp_path, "anna,salt,5,2020-01-01", "Anna,salt,6,2020-01-01"))
    assert "2 members made" in out
    assert not member.votes.exists()
    voters = Member.objects.exclude(imported_as="").order_by("pk")
    assert {voter.imported_as for voter in voters} == {"old-club-anna", "old-club-Anna"}
    assert {voter.username.lower() for voter in voters} == {"old-club-anna-2", "old-club-anna-3"}


def test_voter_cannot_sign_in_and_has_a_valid_username(tmp_path, capsys, films, client):
    names = ("Zoë Ünal 映画", "x" * 60, "1")
    run(capsys, plain(tmp_path, *(f"{name},salt,5,2020-01-01" for name in names)))
    voters = Member.objects.exclude(imported_as="")
    assert len(voters) == 3
    for voter in voters:
        voter.clean_fields(exclude=["password"])
        assert not voter.has_usable_password()
        assert voter.email == ""


def test_dry_run_writes_nothing_and_tells_the_same(tmp_path, capsys, films):
    arguments = movielens(tmp_path, f"1,1,2,{DAY}", f"1,3,5,{DAY + 1}", f"1,4,5,{DAY}")
    told, _err = run(capsys, *arguments, "--dry-run")
    assert not Vote.objects.exists()
    assert not Member.objects.exists()
    done, _err = run(capsys, *arguments)
    assert told.split(";")[0] == f"Dry run, nothing changed. {done.split(';')[0]}"


def test_vote_set_aside_keeps_its_status(tmp_path, capsys, films):
    run(capsys, *movielens(tmp_path, f"1,1,2,{DAY}"))
    Vote.objects.update(status="discounted", reason="a brigade")
    run(capsys, *movielens(tmp_path, f"1,1,5,{DAY + 1}"))
    vote = Vote.objects.get()
    assert (vote.score, vote.status, vote.reason) == (10, "discounted", "a brigade")


def test_source_can_be_named(tmp_path, capsys, films):
    run(capsys, plain(tmp_path, "1,salt,5,2020-01-01"), "--source", "attic")
    assert Member.objects.get().username == "attic-1"
    with pytest.raises(CommandError, match="source"):
        call_command("import_votes", plain(tmp_path), "--source", "the attic")


@pytest.mark.parametrize(
    ("header", "options", "reason"),
    [
        ("userId,movieId,rating,timestamp", [], "give it by --films"),
        ("member,film,score", [], "names neither"),
        ("member,film,score,cast_at", ["--films", "x.csv"], "belongs to MovieLens"),
        ("", [], "empty"),
    ],
)
def test_a_file_that_is_none_of_votes_is_refused_as_a_whole(tmp_path, header, options, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("import_votes", write(tmp_path / "f.csv", header), *options)


def test_queries_do_not_grow_with_the_rows(tmp_path, films, django_assert_max_num_queries):
    rows = [f"{n},{n % 2 + 1},{n % 10 / 2 + 0.5},{DAY}" for n in range(100)]
    arguments = movielens(tmp_path, *rows)
    with django_assert_max_num_queries(20):
        call_command("import_votes", *arguments)
    with django_assert_max_num_queries(12):
        call_command("import_votes", *arguments)
