"""Which votes look like a brigade's, and what a moderator wants to know of them.

Two rules. A burst: within an hour, a film has at least 10 votes and at least five times its hourly
mean of the 14 days before, half of them or more of young accounts, 60 % or more at one end. A
drip: within 24 hours, 8 votes of young accounts at one end. Young is an account that was there
for less than 72 hours when it voted; one end are the scores 1 and 2, or 9 and 10.

- The hours are not those of the clock: one ends at every vote.
- A vote stands at the moment of its latest change, with the score that it has now.
- Votes that are set aside, withdrawn, or of another community's voters (`import_votes`) are left
  out. So are those that a member brought with a library of their own (`OwnImport`) of 20 or more.
- A film that has just opened has a mean near zero. That its voters are not new tells it apart.
- What a moderator settled is not looked at again: only votes after it raise another alert.

An alert moves nothing: moderators do, with a reason.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from reviews.models import Alert, AudienceScore, Member, OwnImportEntry, Vote
from reviews.models.score import percent_of
from reviews.models.vote import SCORES, VoteQuerySet

YOUNG = timedelta(hours=72)
AN_HOUR, A_DAY, MEAN_OVER = timedelta(hours=1), timedelta(hours=24), timedelta(days=14)
HOURS_OF_MEAN = MEAN_OVER // AN_HOUR
BURST_VOTES, BURST_TIMES_MEAN = 10, 5
DRIP_VOTES = 8
ENDS = {Alert.End.LOW: (1, 2), Alert.End.HIGH: (9, 10)}
LIBRARY = 20  # votes that one import brought; a genuine one has hundreds
# So a timer that missed a day of runs misses no votes, a drip's 24 hours included.
LOOK_BACK = timedelta(hours=48)


class Ballot(NamedTuple):
    """What the rules must know of a vote."""

    moment: datetime
    score: int
    is_young: bool
    is_counted: bool = True


class Suspicion(NamedTuple):
    """Votes, from the first moment to the last, to which a rule applies."""

    kind: Alert.Kind
    since: datetime
    until: datetime


# --- The rules: over the votes of one film in the order of their moments -------------------------


def bursts(
    ballots: Sequence[Ballot], end: Alert.End, votes_before: Callable[[datetime], int]
) -> Iterator[Suspicion]:
    """Each hour, ending at a vote, that is a burst at this end.

    `votes_before(moment)` is asked for the number of votes in the 14 days before an hour began,
    and only where everything else applies.
    """
    first = young = at_end = 0
    for last, ballot in enumerate(ballots):
        young += ballot.is_young
        at_end += ballot.score in ENDS[end]
        while ballots[first].moment <= ballot.moment - AN_HOUR:
            young -= ballots[first].is_young
            at_end -= ballots[first].score in ENDS[end]
            first += 1
        votes = last - first + 1
        if votes < BURST_VOTES or young * 2 < votes or at_end * 5 < votes * 3:
            continue
        if votes * HOURS_OF_MEAN >= BURST_TIMES_MEAN * votes_before(ballot.moment - AN_HOUR):
            yield Suspicion(Alert.Kind.BURST, ballots[first].moment, ballot.moment)


def drips(ballots: Sequence[Ballot], end: Alert.End) -> Iterator[Suspicion]:
    """Each 24 hours, ending at a young account's vote, that have 8 of them at this end."""
    moments = [one.moment for one in ballots if one.is_young and one.score in ENDS[end]]
    first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - A_DAY:
            first += 1
        if last - first + 1 >= DRIP_VOTES:
            yield Suspicion(Alert.Kind.DRIP, moments[first], moment)


def _together(found: Sequence[Suspicion]) -> Suspicion | None:
    """All of them as one, a burst where one of them is; None of none."""
    if not found:
        return None
    is_burst = any(one.kind == Alert.Kind.BURST for one in found)
    return Suspicion(
        Alert.Kind.BURST if is_burst else Alert.Kind.DRIP,
        min(one.since for one in found),
        max(one.until for one in found),
    )


# --- Looking at the site --------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """What one look found: how many films it looked at closely, and the alerts it wrote."""

    films: int = 0
    raised: list[Alert] = field(default_factory=list)
    grown: list[Alert] = field(default_factory=list)


def watch(now: datetime) -> Watched:
    """Raise an alert for each film whose votes of the last 48 hours look like a brigade's.

    A film has at most one open alert. While it is open it grows with the votes at its end; those
    at the other end wait until it is settled. Looking twice changes nothing.
    """
    films = suspects(now)
    watched = Watched(len(films))
    for film in films:
        for end in ENDS:
            if found := look(film, end, now):
                _write(film, end, found, watched)
    return watched


def suspects(now: datetime) -> list[int]:
    """Films that either rule may apply to: with 5 votes of young accounts within 48 hours.

    Found from the young accounts: what it costs depends on how many have joined, not on the votes.
    """
    since = now - LOOK_BACK
    newcomers = Member.objects.filter(date_joined__gt=since - YOUNG, imported_as="")
    votes = Vote.objects.counted().filter(
        member__in=newcomers.order_by().values("pk"), changed_at__gt=since
    )
    films = votes.order_by().values("film").annotate(n=Count("pk")).order_by("film")
    return list(films.filter(n__gte=BURST_VOTES // 2).values_list("film", flat=True))


def look(film: int, end: Alert.End, now: datetime) -> Suspicion | None:
    """What the film's votes look like, of the last 48 hours or since its last settled alert."""
    settled = Alert.objects.filter(film=film, end=end).exclude(status=Alert.Status.OPEN)
    until = settled.aggregate(until=Max("until"))["until"]
    since = now - LOOK_BACK
    ballots = _ballots(film, max(since, until + timedelta.resolution) if until else since, now)
    ballots = [one for one in ballots if one.is_counted]
    before = _MomentsBefore(film, since - AN_HOUR)
    return _together([*bursts(ballots, end, before.count), *drips(ballots, end)])


class _MomentsBefore:
    """When the film's votes were cast in the last weeks; loaded once, and only if asked for."""

    def __init__(self, film: int, oldest: datetime) -> None:
        self.film, self.since = film, oldest - MEAN_OVER

    @cached_property
    def moments(self) -> list[datetime]:
        votes = _votes(self.film).filter(changed_at__gte=self.since)
        rows = votes.values_list("changed_at", "status")
        return [moment for moment, status in rows if status == Vote.Status.COUNTED]

    def count(self, moment: datetime) -> int:
        """How many votes in the 14 days before this moment."""
        return bisect_left(self.moments, moment) - bisect_left(self.moments, moment - MEAN_OVER)


def _votes(film: int) -> VoteQuerySet:
    """The film's votes by members of this site, in the order of their moments.

    Not narrowed by status: SQLite would take the index by status, which has no moments.
    """
    votes: VoteQuerySet = Vote.objects.filter(film=film, member__imported_as="")
    return votes.order_by("changed_at", "pk")


def _ballots(film: int, since: datetime, until: datetime) -> list[Ballot]:
    """The film's votes from one moment to another that were cast by hand, set aside or not."""
    library = OwnImportEntry.objects.filter(
        what=OwnImportEntry.What.VOTE,
        own_import__member=OuterRef("member"),
        own_import__made_at=OuterRef("changed_at"),  # until its member changes the vote
    )
    votes = _votes(film).filter(changed_at__range=(since, until))
    rows = votes.filter(~Exists(library.order_by("pk")[LIBRARY - 1 :]))
    return [
        Ballot(moment, score, joined > moment - YOUNG, status == Vote.Status.COUNTED)
        for moment, score, joined, status in rows.values_list(
            "changed_at", "score", "member__date_joined", "status"
        )
    ]


def _write(film: int, end: Alert.End, found: Suspicion, watched: Watched) -> None:
    """Raise the alert, or let the open one grow; note it. Nothing where an open one says it all."""
    try:
        with transaction.atomic():
            waiting = Alert.objects.open().select_for_update().filter(film=film)
            if (alert := waiting.first()) is None:
                alert = Alert(film_id=film, kind=found.kind, end=end, since=found.since)
                kept = watched.raised
            elif alert.end == end and alert.until < found.until:
                kept = watched.grown
            else:
                return
            _extend(alert, found)
            alert.save()
    except IntegrityError:  # the film was deleted meanwhile, or another watch raised the alert
        return
    kept.append(alert)


def _extend(alert: Alert, found: Suspicion) -> None:
    if found.kind == Alert.Kind.BURST:
        alert.kind = found.kind
    alert.since, alert.until = min(alert.since, found.since), found.until
    ballots = _ballots(alert.film_id, alert.since, alert.until)
    alert.votes = len(ballots)
    alert.young = sum(one.is_young for one in ballots)
    alert.at_end = sum(one.score in ENDS[Alert.End(alert.end)] for one in ballots)


# --- What a moderator wants to know of an alert ---------------------------------------------------

AGES = (
    (AN_HOUR, _("less than an hour")),
    (A_DAY, _("1 to 24 hours")),
    (YOUNG, _("1 to 3 days")),
    (timedelta(days=30), _("3 to 30 days")),
    (timedelta.max, _("more than 30 days")),
)


@dataclass
class Hour:
    """An hour of the clock that has votes: when it began, and how many of which kind."""

    start: datetime
    votes: int = 0
    young: int = 0
    at_end: int = 0


@dataclass(frozen=True)
class Figures:
    """Of the votes from the alert's first moment to its last, set aside or not.

    `hours`: those of the clock that have votes, in their order. `ages`: each age of an account as
    words, with how many votes were cast by accounts that old then. `score`: the film's now (None
    without any); `without`: what it would be without the votes concerned that count now.
    `concerned`: the votes of young accounts at the alert's end, to be acted on (`concerned`).
    """

    hours: list[Hour]
    ages: list[tuple[str, int]]
    score: AudienceScore | None
    without: AudienceScore | None
    concerned: VoteQuerySet


def figures(alert: Alert) -> Figures:
    """What a moderator wants to know of an alert: three queries, however many votes."""
    rows = _votes_of(alert).values_list("changed_at", "cast_at", "score", "member__date_joined")
    hours: dict[datetime, Hour] = {}
    ages: Counter[int] = Counter()
    for changed_at, cast_at, number, joined in rows:
        moment = changed_at if changed_at <= alert.until else max(cast_at, alert.since)
        start = moment.replace(minute=0, second=0, microsecond=0)
        hour = hours.setdefault(start, Hour(start))
        age = moment - joined
        hour.votes += 1
        hour.young += age < YOUNG
        hour.at_end += number in ENDS[Alert.End(alert.end)]
        ages[next(band for band, (limit, _words) in enumerate(AGES) if age < limit)] += 1
    score = AudienceScore.objects.filter(film=alert.film_id).first()
    return Figures(
        hours=sorted(hours.values(), key=lambda hour: hour.start),
        ages=[(str(words), ages[band]) for band, (_limit, words) in enumerate(AGES)],
        score=score,
        without=_without(score, concerned(alert)) if score else None,
        concerned=concerned(alert),
    )


def concerned(alert: Alert) -> VoteQuerySet:
    """The votes that an alert is about: of accounts young then, at its end, whatever their status.

    Whoever votes once more after it does not get away by that, unless with another score.
    """
    young = Q(changed_at__lte=alert.until, member__date_joined__gt=F("changed_at") - YOUNG) | Q(
        changed_at__gt=alert.until, member__date_joined__gt=alert.until - YOUNG
    )
    return _votes_of(alert).filter(young, score__in=ENDS[Alert.End(alert.end)])


def _votes_of(alert: Alert) -> VoteQuerySet:
    """All votes by members of this site that were there at its last moment, changed since or not,
    but not those cast and left alone before its first.
    """
    return _votes(alert.film_id).filter(changed_at__gte=alert.since, cast_at__lte=alert.until)


def _without(score: AudienceScore, votes: VoteQuerySet) -> AudienceScore:
    """The film's score, not stored, as if those of these votes that count were not there."""
    rows = votes.values_list("score", "status")
    less = Counter(number for number, status in rows if status == Vote.Status.COUNTED)
    left = [count - less[number] for number, count in zip(SCORES, score.histogram, strict=True)]
    points = sum(number * count for number, count in zip(SCORES, left, strict=True))
    return AudienceScore(
        film_id=score.film_id,
        votes=sum(left),
        points=points,
        percent=percent_of(points, sum(left)),
        **{f"n{number}": count for number, count in zip(SCORES, left, strict=True)},
    )
