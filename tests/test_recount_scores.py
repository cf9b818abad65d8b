"""recount_scores: finds every difference between tally and votes, and mends it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from films.models import Film
from reviews import tally
from reviews.models import AudienceScore, Member, Vote


def run(capsys, way: str) -> str:
    call_command("recount_scores", way)
    return str(capsys.readouterr().out)


def drop_insert_trigger() -> None:
    with connection.cursor() as cursor:
        on = " ON reviews_vote" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER reviews_tally_insert{on}")


def test_check_of_a_sound_site_prints_one_line(film, member, capsys):
    Vote.objects.cast(film, member, 9)
    assert run(capsys, "--check") == "1 films, 0 differences, 0 triggers missing.\n"


def test_check_finds_a_wrong_count_and_changes_nothing(film, member, capsys):
    Vote.objects.cast(film, member, 9)
    AudienceScore.objects.update(n9=7)
    with pytest.raises(CommandError, match="--fix"):
        call_command("recount_scores", "--check")
    out = capsys.readouterr().out
    assert "never-let-me-go-2010" in out
    assert "kept:  n1=0 n2=0 n3=0 n4=0 n5=0 n6=0 n7=0 n8=0 n9=7" in out
    assert "votes: n1=0 n2=0 n3=0 n4=0 n5=0 n6=0 n7=0 n8=0 n9=1" in out
    assert out.endswith("1 films, 1 differences, 0 triggers missing.\n")
    assert AudienceScore.objects.get().n9 == 7


def test_check_finds_votes_without_a_row(film, member, capsys):
    Vote.objects.cast(film, member, 9)
    AudienceScore.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("recount_scores", "--check")
    assert "1 differences" in capsys.readouterr().out


def test_check_prints_at_most_twenty_films(db, capsys):
    films = [Film.objects.create(title=f"Film {n}") for n in range(23)]
    AudienceScore.objects.bulk_create(AudienceScore(film=film, n1=1) for film in films)
    with pytest.raises(CommandError):
        call_command("recount_scores", "--check")
    out = capsys.readouterr().out
    assert out.count("kept:") == 20
    assert "and 3 more films" in out
    assert "23 films, 23 differences" in out


def test_fix_mends_what_differs(film, member, other_member, capsys):
    Vote.objects.cast(film, member, 9)
    Vote.objects.cast(film, other_member, 1)
    AudienceScore.objects.update(n9=7, held=3)
    assert run(capsys, "--fix").endswith("1 films, 1 mended, 0 triggers made.\n")
    score = AudienceScore.objects.get()
    assert (score.votes, score.points, score.held) == (2, 10, 0)
    run(capsys, "--check")


def test_check_finds_a_missing_trigger(film, capsys):
    drop_insert_trigger()
    with pytest.raises(CommandError):
        call_command("recount_scores", "--check")
    assert "The trigger reviews_tally_insert is missing." in capsys.readouterr().out


def test_fix_makes_a_missing_trigger_and_counts_what_it_missed(film, member, capsys):
    drop_insert_trigger()
    Vote.objects.cast(film, member, 9)
    assert run(capsys, "--fix").endswith("1 films, 1 mended, 1 triggers made.\n")
    assert tally.missing() == []
    assert AudienceScore.objects.get().votes == 1
    Vote.objects.cast(film, Member.objects.create(username="late"), 3)
    assert AudienceScore.objects.get().votes == 2


def test_command_wants_to_be_told_what_to_do(db):
    with pytest.raises(CommandError):
        call_command("recount_scores")
