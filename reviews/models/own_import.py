"""What a member brought from elsewhere, so that the whole of it can be taken back."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OwnImport(models.Model):
    """One file of votes, reviews and films to see that a member brought."""

    class Source(models.TextChoices):
        LETTERBOXD = "letterboxd", "Letterboxd"
        IMDB = "imdb", "IMDb"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("import of one’s own")
        verbose_name_plural = _("imports of one’s own")

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.made_at:%Y-%m-%d}"


class OwnImportEntry(models.Model):
    """A vote, review or film to see that an import made; not one that was there before."""

    class What(models.TextChoices):
        VOTE = "vote", _("vote")
        REVIEW = "review", _("review")
        WATCHLIST = "watchlist", _("film to see")

    own_import = models.ForeignKey(
        OwnImport, models.CASCADE, related_name="entries", db_index=False
    )
    film = models.ForeignKey("films.Film", models.CASCADE, related_name="+")
    what = models.CharField(_("what"), max_length=10, choices=What.choices)

    class Meta:
        verbose_name = _("imported entry")
        verbose_name_plural = _("imported entries")
        constraints = [
            models.UniqueConstraint(
                fields=["own_import", "film", "what"], name="one_entry_an_import_and_film"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}, film {self.film_id}"
