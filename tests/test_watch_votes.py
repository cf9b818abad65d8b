"""watch_votes: what raises an alert, what does not, and what moderators are told."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from films.models import Film
from reviews import tally, watching
from reviews.models import Alert, Member, ModerationAct, OwnImport, OwnImportEntry, Vote
from reviews.models.vote import SCORES
from reviews.watching import Ballot, Suspicion
from tests.conftest import make_member

NOW = datetime(2026, 5, 10, 18, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOW, HIGH = Alert.End.LOW, Alert.End.HIGH
BURST, DRIP = Alert.Kind.BURST, Alert.Kind.DRIP


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The moment that it is: a list of one, to be set."""
    now = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def accounts(count: int, joined: datetime, **fields: object) -> list[Member]:
    number = Member.objects.count()
    return Member.objects.bulk_create(
        Member(username=f"voter-{number + n}", date_joined=joined, **fields) for n in range(count)
    )


def vote(film: Film, voters: list[Member], scores: list[int], start: datetime, over: timedelta):
    """Each of these votes with one of these scores, evenly from `start`."""
    moments = [start + over * n / len(voters) for n in range(len(voters))]
    return Vote.objects.bulk_create(
        Vote(film=film, member=voter, score=score, cast_at=at, changed_at=at)
        for voter, score, at in zip(voters, scores, moments, strict=True)
    )


def brigade(film: Film, count: int = 20, score: int = 1, start: datetime = NOW - 2 * HOUR):
    """Accounts of the last day that give a film one score within two hours."""
    return vote(film, accounts(count, start - 20 * HOUR), [score] * count, start, 2 * HOUR)


def look() -> watching.Watched:
    return watching.watch(timezone.now())


# --- What raises an alert, and what does not ---


def test_twenty_new_accounts_voting_1_within_two_hours_raise_an_alert(film):
    brigade(film)
    assert len(look().raised) == 1
    alert = Alert.objects.get()
    assert (alert.film, alert.kind, alert.end, alert.status) == (film, BURST, LOW, "open")
    assert (alert.votes, alert.young, alert.at_end) == (20, 20, 20)
    assert NOW - 2 * HOUR == alert.since < alert.until < NOW


def test_four_hundred_members_on_an_opening_day_raise_none(film):
    fans = random.Random(1).choices(SCORES, [1, 1, 1, 2, 4, 8, 15, 20, 20, 28], k=400)
    members = accounts(388, NOW - 200 * DAY) + accounts(12, NOW - DAY)
    random.Random(2).shuffle(members)
    vote(film, members, fans, NOW - 10 * HOUR, 10 * HOUR)
    assert look().raised == []


def test_quiet_film_is_not_even_looked_at(film):
    vote(film, accounts(4, NOW - DAY), [1, 1, 9, 10], NOW - 3 * HOUR, HOUR)
    vote(film, accounts(300, NOW - 90 * DAY), [7] * 300, NOW - 60 * DAY, 58 * DAY)
    assert look() == watching.Watched(0, [], [])


def test_old_accounts_of_one_mind_raise_none(film):
    vote(film, accounts(30, NOW - 30 * DAY), [1] * 30, NOW - HOUR, HOUR)
    assert look().raised == []


def test_new_accounts_of_many_minds_raise_none(film):
    vote(film, accounts(20, NOW - DAY), [*SCORES, *SCORES], NOW - HOUR, HOUR)
    assert look().raised == []


def test_burst_in_the_middle_of_a_clocks_hour_and_over_its_end_is_the_same(film):
    brigade(film, 10, start=NOW.replace(minute=58) - 2 * HOUR)
    assert len(look().raised) == 1


def test_eight_new_accounts_at_one_end_within_a_day_are_a_drip(film):
    vote(film, accounts(8, NOW - 2 * DAY), [9, 10] * 4, NOW - 23 * HOUR, 23 * HOUR)
    assert [(alert.kind, alert.end) for alert in look().raised] == [(DRIP, HIGH)]


def test_seven_new_accounts_or_eight_over_two_days_are_none(film, clock):
    vote(film, accounts(7, NOW - 2 * DAY), [1] * 7, NOW - 5 * HOUR, 5 * HOUR)
    other = Film.objects.create(title="Another", published_at=film.published_at)
    vote(other, accounts(8, NOW - 2 * DAY), [1] * 8, NOW - 30 * HOUR, 30 * HOUR)
    assert look() == watching.Watched(2, [], [])


def test_accounts_that_were_72_hours_old_when_they_voted_are_not_young(film):
    moment = NOW - HOUR
    vote(film, accounts(10, moment - 72 * HOUR), [1] * 10, moment, timedelta(0))
    assert look().raised == []
    vote(film, accounts(10, moment - 72 * HOUR + MINUTE), [1] * 10, moment, timedelta(0))
    assert len(look().raised) == 1


def test_votes_set_aside_or_of_another_community_raise_none(film):
    aside = brigade(film)
    Vote.objects.filter(pk__in=[vote.pk for vote in aside]).update(status="held", reason="Seen")
    for number in range(20):
        (voter,) = accounts(1, NOW - DAY, imported_as=f"movielens-{number}")
        vote(film, [voter], [1], NOW - HOUR, HOUR)
    assert look().raised == []


def test_votes_left_out_do_not_count_beside_others_either(film):
    aside = [vote.pk for vote in brigade(film)]
    Vote.objects.filter(pk__in=aside).update(status="discounted", reason="Seen")
    vote(film, accounts(6, NOW - DAY), [5] * 6, NOW - HOUR, HOUR)
    for number in range(20):
        vote(film, accounts(1, NOW - DAY, imported_as=f"ml-{number}"), [1], NOW - HOUR, HOUR)
    assert look() == watching.Watched(1, [], [])


@pytest.mark.parametrize(("brought", "alerts"), [(20, 0), (19, 1)])
def test_votes_out_of_a_library_raise_none_but_a_file_of_a_few_does(film, brought, alerts):
    films = Film.objects.bulk_create(
        Film(title=f"F {n}", slug=f"f-{n}", published_at=film.published_at)
        for n in range(brought - 1)
    )
    for ballot in brigade(film):
        own = OwnImport.objects.create(
            member=ballot.member, source="imdb", made_at=ballot.changed_at
        )
        OwnImportEntry.objects.bulk_create(
            OwnImportEntry(own_import=own, film=each, what="vote") for each in [film, *films]
        )
    assert len(look().raised) == alerts


def test_changed_votes_stand_at_the_moment_of_the_change(film):
    votes = brigade(film, score=8, start=NOW - 60 * HOUR)
    assert look().raised == []
    Vote.objects.filter(pk__in=[vote.pk for vote in votes]).update(score=1, changed_at=NOW - HOUR)
    Member.objects.update(date_joined=NOW - 70 * HOUR)
    assert [alert.end for alert in look().raised] == [LOW]


# --- The rules alone ---


def ballots(count: int, young: int, at_end: int, over: timedelta = 59 * MINUTE) -> list[Ballot]:
    return [
        Ballot(NOW + over * n / count, 2 if n < at_end else 6, n >= count - young)
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "young", "at_end", "before", "is_burst"),
    [
        (10, 5, 6, 0, True),
        (9, 9, 9, 0, False),
        (10, 4, 6, 0, False),
        (10, 5, 5, 0, False),
        (10, 10, 10, 10 * 336 // 5, True),  # exactly five times the mean
        (10, 10, 10, 10 * 336 // 5 + 1, False),
        (50, 25, 30, 50 * 336 // 5, True),
    ],
)
def test_burst_has_three_conditions_at_their_edges(count, young, at_end, before, is_burst):
    found = list(watching.bursts(ballots(count, young, at_end), LOW, lambda moment: before))
    assert [one.kind for one in found] == [BURST] * is_burst


def test_mean_is_of_the_14_days_before_the_hour():
    asked = []

    def none_before(moment: datetime) -> int:
        asked.append(moment)
        return 0

    list(watching.bursts(ballots(10, 10, 10), LOW, none_before))
    assert asked == [NOW + 59 * MINUTE * 9 / 10 - HOUR]


def test_hour_is_one_hour_and_no_more():
    votes = ballots(10, 10, 10, over=HOUR * 10 / 9)  # the last one an hour after the first
    assert list(watching.bursts(votes, LOW, lambda moment: 0)) == []


def test_drip_needs_both_of_one_vote_youth_and_the_end():
    mixed = [Ballot(NOW + n * HOUR, 2 if n % 2 else 5, n % 2 == 0) for n in range(24)]
    assert list(watching.drips(mixed, LOW)) == []
    of_one_mind = [Ballot(NOW + n * HOUR, 2, True) for n in range(8)]
    assert list(watching.drips(of_one_mind, LOW)) == [Suspicion(DRIP, NOW, NOW + 7 * HOUR)]
    assert list(watching.drips(of_one_mind, HIGH)) == []


# --- One alert a film, again and again ---


def test_looking_twice_changes_nothing(film):
    brigade(film)
    look()
    before = list(Alert.objects.values())
    assert look() == watching.Watched(1, [], [])
    assert list(Alert.objects.values()) == before


def test_open_alert_grows_with_the_votes(film, clock):
    brigade(film, 8, start=NOW - 20 * HOUR)
    (drip,) = look().raised
    assert drip.kind == DRIP
    vote(film, accounts(12, NOW - DAY), [1] * 12, NOW, 30 * MINUTE)
    clock[0] = NOW + HOUR
    watched = look()
    assert (watched.raised, [alert.pk for alert in watched.grown]) == ([], [drip.pk])
    alert = Alert.objects.get()
    assert (alert.kind, alert.votes, alert.since) == (BURST, 20, NOW - 20 * HOUR)


@pytest.mark.parametrize("status", ["dismissed", "acted"])
def test_settled_alert_is_raised_again_by_new_votes_alone(film, moderator, clock, status):
    brigade(film)
    look()
    ModerationAct.objects.carry_out(Alert.objects.open(), moderator, status, "Looked at")
    clock[0] = NOW + HOUR
    vote(film, accounts(7, NOW), [1] * 7, NOW, HOUR)
    assert look().raised == []
    vote(film, accounts(1, NOW), [1], NOW, HOUR)
    (again,) = look().raised
    assert (again.kind, again.votes) == (DRIP, 8)


def test_brigade_at_the_other_end_waits_for_the_first_to_be_settled(film, moderator, clock):
    brigade(film, score=1)
    look()
    brigade(film, score=10, start=NOW - HOUR)
    clock[0] = NOW + HOUR
    assert look() == watching.Watched(1, [], [])
    ModerationAct.objects.carry_out(Alert.objects.open(), moderator, "dismissed", "A premiere")
    assert [alert.end for alert in look().raised] == [HIGH]


def test_alert_moves_no_vote_and_no_score(film):
    brigade(film)
    before = list(Vote.objects.values()), list(film.audience_score.histogram)
    look()
    film.audience_score.refresh_from_db()
    assert (list(Vote.objects.values()), film.audience_score.histogram) == before


def test_queries_grow_with_suspected_films_alone(film, django_assert_num_queries):
    vote(film, accounts(300, NOW - 90 * DAY), [1] * 300, NOW - 20 * HOUR, 10 * HOUR)
    with django_assert_num_queries(1):
        look()
    vote(film, accounts(7, NOW - DAY), [1] * 7, NOW - HOUR, HOUR)
    with django_assert_num_queries(5):  # at each end: the last settled alert, the votes
        look()


# --- What a moderator is told ---


def test_figures_say_what_the_votes_are_and_what_the_score_would_be(film):
    old = accounts(30, NOW - 100 * DAY)
    vote(film, old, [8] * 30, NOW - 50 * DAY, DAY)
    vote(film, accounts(2, NOW - 10 * DAY), [7, 1], NOW - HOUR, HOUR)
    brigade(film, 20)
    (alert,) = look().raised
    figures = watching.figures(alert)
    film.audience_score.refresh_from_db()
    assert [hour.start.hour for hour in figures.hours] == [16, 17, 18]
    assert [hour.votes for hour in figures.hours] == [5, 11, 6]
    assert [hour.young for hour in figures.hours] == [5, 10, 5]
    assert sum(hour.at_end for hour in figures.hours) == 21
    assert [votes for _words, votes in figures.ages] == [0, 20, 0, 2, 0]
    assert figures.score == film.audience_score
    assert figures.without is not None
    assert figures.without.votes == 32
    assert figures.without.percent_text == "77.50"
    assert figures.concerned.count() == 20


def test_discounting_the_votes_concerned_gives_the_score_that_was_foretold(film, moderator):
    vote(film, accounts(31, NOW - 100 * DAY), [*SCORES] * 3 + [4], NOW - 50 * DAY, DAY)
    exact = film.audience_score.percent
    brigade(film)
    (alert,) = look().raised
    foretold = watching.figures(alert).without
    assert foretold is not None
    ModerationAct.objects.carry_out(watching.concerned(alert), moderator, "discounted", "Brigade")
    film.audience_score.refresh_from_db()
    assert film.audience_score.percent == foretold.percent == exact
    assert film.audience_score.discounted == 20
    after = watching.figures(alert)
    assert (after.concerned.count(), str(after.without)) == (20, str(film.audience_score))
    assert list(tally.differences(connection)) == []


def test_voting_again_does_not_take_a_vote_out_of_the_alert(film, clock):
    votes = brigade(film)
    (alert,) = look().raised
    Vote.objects.filter(pk=votes[0].pk).update(changed_at=NOW + 2 * DAY)
    Vote.objects.filter(pk=votes[1].pk).update(changed_at=NOW + 2 * DAY, score=6)
    concerned = watching.concerned(alert)
    assert set(concerned.values_list("pk", flat=True)) == {v.pk for v in votes if v != votes[1]}


def test_figures_ask_the_same_queries_however_many_votes(film, django_assert_num_queries):
    brigade(film, 50)
    (alert,) = look().raised
    with django_assert_num_queries(3):
        watching.figures(alert)


# --- The command ---


def run(capsys) -> str:
    call_command("watch_votes")
    printed: str = capsys.readouterr().out
    return printed


def test_moderators_get_one_mail_a_run(film, moderator, superuser, editor, member, capsys):
    other = Film.objects.create(title="Les <Amis> & moi", published_at=film.published_at)
    make_member("no.address", "Moderators", is_active=False)
    Member.objects.filter(pk=superuser.pk).update(email="")
    brigade(film)
    brigade(other, 12, score=10)
    assert "2 alerts raised, 0 grown, 1 mails sent" in run(capsys)
    alerts = Alert.objects.order_by("-votes").values_list("pk", flat=True)
    (letter,) = mail.outbox
    assert letter.to == ["moderator.mo@example.org"]
    assert "Votes on 2 films look like a brigade's" in letter.subject
    assert "20 votes from 2026-05-10 16:30 to 2026-05-10 18:24 UTC" in letter.body
    assert "20 by accounts younger than 72 hours, 20 at that end" in letter.body
    assert "Audience score now: 10.00 %" in letter.body
    assert "too few for a score" in letter.body
    assert "2026-05-10 16:00 – 5, young accounts 5, at that end 5" in letter.body
    assert "1 to 24 hours – 20" in letter.body
    assert "Les <Amis> & moi" in letter.body
    links = [f"http://testserver/admin/reviews/alert/{n}/change/" for n in alerts]
    assert [line for line in letter.body.splitlines() if "alert" in line] == links
    assert isinstance(letter, mail.EmailMultiAlternatives)
    page = str(letter.alternatives[0][0])
    assert "Les &lt;Amis&gt; &amp; moi" in page
    assert all(f'<a href="{link}">' in page for link in links)


def test_second_run_mails_nothing(film, moderator, capsys):
    brigade(film)
    run(capsys)
    assert "1 films with newcomers' votes, 0 alerts raised, 0 grown, 0 mails sent." in run(capsys)
    assert len(mail.outbox) == 1


def test_without_mail_alerts_are_raised_all_the_same(film, moderator, settings, capsys):
    settings.EMAIL_URL = ""
    brigade(film)
    assert "1 alerts raised, 0 grown, 0 mails sent" in run(capsys)
    assert (Alert.objects.count(), mail.outbox) == (1, [])


def test_failing_mail_server_loses_no_alert_and_is_told(film, moderator, monkeypatch, capsys):
    def refuse(*args: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    brigade(film)
    with pytest.raises(CommandError, match="The alerts are stored"):
        call_command("watch_votes")
    assert "1 alerts raised, 0 grown, 0 mails sent" in capsys.readouterr().out
    assert Alert.objects.count() == 1
