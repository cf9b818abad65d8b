"""The films app: what editors say."""

from django.apps import AppConfig


class FilmsConfig(AppConfig):
    name = "films"
    verbose_name = "Films"

    def ready(self) -> None:
        from films import slugs, triggers

        triggers.register(self.label, triggers.Keeper((slugs.HISTORY,)))
