"""Django's `dumpdata` without the tallies, which loading the votes makes anew, and sessions."""

from typing import Any

from django.core.management.commands import dumpdata


class Command(dumpdata.Command):
    def handle(self, *app_labels: str, **options: Any) -> None:
        left_out = ("reviews.audiencescore", "reviews.reviewtally", "reviews.session")
        exclude = [*options.pop("exclude"), *left_out]
        super().handle(*app_labels, exclude=exclude, **options)
