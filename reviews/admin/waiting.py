"""What waits for moderators: the desk's first page begins with it.

Everything is asked for in a fixed number of queries, however much waits.
"""

from typing import Any

from django.db.models import Count, F, Min, Sum

from reviews.models import Alert, AudienceScore, NewcomerHold, Report, Review

LISTED = 10  # of each kind; the rest is counted, and its list linked


def waiting(moderator: Any) -> dict[str, Any] | None:
    """Counts and the first few of what this person may settle; None for who is no moderator."""
    parts = {
        "alerts": ("reviews.change_alert", _alerts),
        "reported": ("reviews.change_report", _reported),
        "held_reviews": ("reviews.change_review", _held_reviews),
        "held_votes": ("reviews.change_vote", _held_votes),
        "holds": ("reviews.change_newcomerhold", _holds),
    }
    found = {
        name: part(moderator)
        for name, (permission, part) in parts.items()
        if moderator.has_perm(permission)
    }
    if not found:
        return None
    waits = any(part["count"] for name, part in found.items() if name != "holds")
    return {**found, "anything": waits}


def _alerts(moderator: Any) -> dict[str, Any]:
    """The newest first."""
    alerts = Alert.objects.open()
    listed = alerts.select_related("film", "film__audience_score").order_by("-raised_at", "-pk")
    return {"count": alerts.count(), "rows": listed[:LISTED]}


def _reported(moderator: Any) -> dict[str, Any]:
    """Reviews, those with most reports first, then those that wait longest. None of one's own."""
    reports = Report.objects.open().about_others(moderator)
    grouped = reports.order_by().values("review")
    listed = list(
        grouped.annotate(n=Count("pk"), first=Min("reported_at")).order_by("-n", "first")[:LISTED]
    )
    reviews = Review.objects.select_related("film", "author")
    found = reviews.in_bulk([row["review"] for row in listed])
    return {
        "count": grouped.distinct().count(),
        "rows": [(found[row["review"]], row["n"]) for row in listed if row["review"] in found],
    }


def _held_reviews(moderator: Any) -> dict[str, Any]:
    """The oldest first."""
    reviews = Review.objects.filter(status=Review.Status.HELD)
    listed = reviews.select_related("film", "author").order_by("written_at", "pk")
    return {"count": reviews.count(), "rows": listed[:LISTED]}


def _held_votes(moderator: Any) -> dict[str, Any]:
    """By film, those with most first. What is discounted waits for nobody."""
    films = AudienceScore.objects.filter(held__gt=0)
    sums = films.aggregate(films=Count("pk"), votes=Sum("held"))
    listed = films.select_related("film").order_by("-held", F("film_id").desc())
    more = max(0, sums["films"] - LISTED)
    return {"count": sums["votes"] or 0, "more": more, "rows": listed[:LISTED]}


def _holds(moderator: Any) -> dict[str, Any]:
    """Switches that are on, the one that ends first first. They wait for nobody either."""
    holds = NewcomerHold.objects.running()
    return {"count": holds.count(), "rows": holds.select_related("film")[:LISTED]}
