"""The films app: what editors say."""

from django.apps import AppConfig


class FilmsConfig(AppConfig):
    name = "films"
    verbose_name = "Films"

    def ready(self) -> None:
        from films import slugs, triggers
        from films.search import index

        triggers.register(self.label, triggers.Keeper((slugs.HISTORY,)), index.KEEPER)
