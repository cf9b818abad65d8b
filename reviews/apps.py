"""The reviews app: what members say, and what follows from it."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = "Members and reviews"

    def ready(self) -> None:
        from films import triggers
        from reviews import review_tally, tally
        from reviews.models import moderation

        kept = (tally.KEEPER, review_tally.KEEPER, triggers.Keeper(moderation.APPEND_ONLY))
        triggers.register(self.label, *kept)
