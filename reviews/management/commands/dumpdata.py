"""Django's `dumpdata` without the tally, which loading the votes makes anew: both would double."""

from typing import Any

from django.core.management.commands import dumpdata


class Command(dumpdata.Command):
    def handle(self, *app_labels: str, **options: Any) -> None:
        exclude = [*options.pop("exclude"), "reviews.audiencescore"]
        super().handle(*app_labels, exclude=exclude, **options)
