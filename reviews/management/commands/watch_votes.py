"""watch_votes: look for brigades, raise alerts, and mail them to the moderators. For a timer."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reviews import mail
from reviews.models import Alert, Member
from reviews.watching import figures, watch


class Command(BaseCommand):
    help = (
        "Looks at the votes of the last 48 hours and raises an alert for each film whose votes look"
        " like a brigade's. Moderators are mailed what is new. Run it every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        watched = watch(timezone.now())
        letters = _letters(watched.raised) if settings.EMAIL_URL else []
        sent = mail.deliver(letters) if letters else 0
        self.stdout.write(
            f"{watched.films} films with newcomers' votes, {len(watched.raised)} alerts raised,"
            f" {len(watched.grown)} grown, {sent} mails sent."
        )
        if sent < len(letters):
            raise CommandError(
                f"{len(letters) - sent} mails could not be sent: see EMAIL_URL and the log. The"
                " alerts are stored and stand on the first page of the desk."
            )


def _letters(alerts: list[Alert]) -> list[Any]:
    """One mail to each moderator who has an address, about all new alerts; none without any."""
    if not alerts:
        return []
    films = Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).select_related("film")
    told = [(alert, figures(alert)) for alert in films.order_by("-votes", "pk")]
    moderators = Member.objects.with_perm("reviews.change_alert").exclude(email="")
    return [
        mail.write("reviews/email/alerts", moderator.email, {"member": moderator, "alerts": told})
        for moderator in moderators.order_by("pk")
    ]
