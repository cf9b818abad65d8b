"""The reviews app: what members say, and what follows from it."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Members and reviews"

    def ready(self) -> None:
        from films import triggers
        from reviews import tally
        from reviews.models import moderation

        triggers.register(self.label, tally.KEEPER, triggers.Keeper(moderation.APPEND_ONLY))
