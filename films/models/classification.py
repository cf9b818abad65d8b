"""How films are sorted and classified: genres, countries, the boards' certificates."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from films.slugs import address


class Genre(models.Model):
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("genre")
        verbose_name_plural = _("genres")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("films:genre", self.slug)


class Country(models.Model):
    """A country a film comes from: ISO 3166-1, with the states of the past that films name."""

    code = models.CharField(_("code"), max_length=2, primary_key=True, help_text=_("GB, JP, SU"))
    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """An age classification that a board gives: PG-13 of the MPA, 12A of the BBFC."""

    board = models.CharField(_("board"), max_length=20, help_text=_("MPA, BBFC, FSK"))
    country = models.ForeignKey(Country, models.PROTECT, verbose_name=_("country"))
    label = models.CharField(_("label"), max_length=20, help_text=_("PG-13, 12A, 16"))
    minimum_age = models.PositiveSmallIntegerField(
        _("minimum age"),
        null=True,
        blank=True,
        help_text=_("0: for everybody. Empty: unknown, and suitable for no age."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("From the mildest to the strictest of its board.")
    )

    class Meta:
        ordering = ["board", "position"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["board", "label"],
                name="one_certificate_a_board_and_label",
                violation_error_message=_("This board already has a certificate of that label."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.board} {self.label}"


class FilmCertificate(models.Model):
    """The certificate one board gave one film, with its advice to parents."""

    film = models.ForeignKey("films.Film", models.CASCADE, related_name="certificates")
    certificate = models.ForeignKey(Certificate, models.PROTECT, verbose_name=_("certificate"))
    board = models.CharField(max_length=20, editable=False)
    advice = models.CharField(
        _("advice"),
        max_length=300,
        blank=True,
        help_text=_("What the board warns of: some sexuality and nudity"),
    )

    class Meta:
        ordering = ["board"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "board"],
                name="one_certificate_a_film_and_board",
                violation_error_message=_("This film already has a certificate of that board."),
            )
        ]

    def __str__(self) -> str:
        return str(self.certificate)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.board = self.certificate.board  # what the constraint above is about
        super().save(*args, **kwargs)
