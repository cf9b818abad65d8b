"""Which films are alike, and why: worked out by `find_alike`, stored, and shown on film pages."""

from typing import Any

from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from films.models.film import Film

FEWEST = 2  # where fewer are alike, nothing is stored or shown


class LikenessQuerySet(models.QuerySet["Likeness"]):
    def for_page(self, film: Film) -> list["Likeness"]:
        """The published films that are like this one, likest first, ready for cards; one query.

        None where fewer than 2 of them are published still.
        """
        found = list(
            self.filter(film=film, other__in=Film.objects.published())
            .select_related("other__audience_score")
            .defer("other__synopsis", "other__essay")
            .order_by("position")
        )
        return found if len(found) >= FEWEST else []


class Likeness(models.Model):
    """One film that is like another, with what they share. Not the other way round by itself."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="alike", db_index=False)
    other = models.ForeignKey(Film, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    # As found: {"directors": names, "writers": names, "cast": names, "genres": names, "voters": n}
    shared = models.JSONField(_("what they share"), default=dict)

    objects = LikenessQuerySet.as_manager()

    class Meta:
        verbose_name = _("film that is alike")
        verbose_name_plural = _("films that are alike")
        constraints = [
            models.UniqueConstraint(fields=["film", "position"], name="one_alike_film_a_position"),
            models.UniqueConstraint(fields=["film", "other"], name="alike_once"),
            models.CheckConstraint(
                condition=~models.Q(film=models.F("other")), name="no_film_is_like_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"film {self.film_id}: {self.other_id}"

    @property
    def reason(self) -> str:
        """Why, in words: the strongest that the two share, people before voters before genres."""
        shared: dict[str, Any] = self.shared
        names = {kind: ", ".join(shared.get(kind, [])) for kind in ("directors", "writers", "cast")}
        if names["directors"]:
            return gettext("Also directed by %(names)s") % {"names": names["directors"]}
        if names["writers"]:
            return gettext("Also written by %(names)s") % {"names": names["writers"]}
        if names["cast"]:
            return gettext("Also with %(names)s") % {"names": names["cast"]}
        if voters := shared.get("voters"):
            words = ngettext(
                "%(n)d member rated both high", "%(n)d members rated both high", voters
            )
            return words % {"n": voters}
        return gettext("Also %(genres)s") % {"genres": ", ".join(shared.get("genres", []))}
