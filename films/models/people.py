"""People and what they did on films."""

from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from films.slugs import address, free_slug, make_slug


class Person(models.Model):
    """Somebody who worked on a film."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(
        _("address"), max_length=140, unique=True, blank=True, help_text=_("Made from the name.")
    )
    born = models.DateField(_("born"), null=True, blank=True)
    died = models.DateField(_("died"), null=True, blank=True)
    biography = models.TextField(
        _("biography"), max_length=50_000, blank=True, help_text=_("Markdown.")
    )
    portrait = models.FileField(_("portrait"), max_length=200, blank=True, editable=False)
    imdb_id = models.CharField(
        _("IMDb number"), max_length=12, blank=True, help_text=_("nm1659547")
    )
    tmdb_id = models.PositiveIntegerField(_("TMDB number"), null=True, blank=True, unique=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [models.Index(fields=["name"], name="person_name")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="person_has_a_name",
                violation_error_message=_("A person needs a name."),
            ),
            models.CheckConstraint(
                condition=models.Q(born__isnull=True)
                | models.Q(died__isnull=True)
                | models.Q(died__gte=models.F("born")),
                name="person_died_after_birth",
                violation_error_message=_("Nobody dies before they are born."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(
                make_slug(self.name, "person"),
                lambda slug: Person.objects.filter(slug=slug).exists(),
            )
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("films:person", self.slug)


class Department(models.TextChoices):
    """The kinds of work on a film, in the order the film page names them."""

    DIRECTING = "directing", _("Directing")
    WRITING = "writing", _("Writing")
    CAST = "cast", _("Cast")
    PRODUCTION = "production", _("Production")
    CAMERA = "camera", _("Camera")
    EDITING = "editing", _("Editing")
    MUSIC = "music", _("Music and sound")
    ART = "art", _("Art direction")
    COSTUME = "costume", _("Costume and make-up")
    EFFECTS = "effects", _("Visual effects")
    CREW = "crew", _("Crew")


class Billing(NamedTuple):
    """One credit as a film's page reads it."""

    department: str
    job: str
    character: str
    person_id: int
    name: str
    slug: str


class CreditQuerySet(models.QuerySet["Credit"]):
    def cast(self) -> "CreditQuerySet":
        """The cast, in billing order."""
        return self.filter(department=Department.CAST)

    def billing(self) -> "list[Billing]":
        """The credits in billing order as plain rows: a page prints hundreds of them."""
        columns = "department", "job", "character", "person_id", "person__name", "person__slug"
        ordered = self.order_by("department", "position", "pk")
        return [Billing(*row) for row in ordered.values_list(*columns)]


class Credit(models.Model):
    """A person's job on a film; for the cast, with the character, in billing order."""

    film = models.ForeignKey("films.Film", models.CASCADE, related_name="credits", db_index=False)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="credits", verbose_name=_("person")
    )
    department = models.CharField(
        _("department"), max_length=20, choices=Department.choices, default=Department.CAST
    )
    job = models.CharField(
        _("job"), max_length=100, blank=True, help_text=_("Director, Screenplay; empty for cast")
    )
    character = models.CharField(
        _("character"), max_length=500, blank=True, help_text=_("Kathy H.; for cast only")
    )
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Billing order: 0 comes first.")
    )

    objects = CreditQuerySet.as_manager()

    class Meta:
        ordering = ["film", "department", "position", "pk"]
        verbose_name = _("credit")
        verbose_name_plural = _("cast and crew")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "department", "person", "job", "character"],
                name="one_credit_a_job_and_character",
                violation_error_message=_("This person has that credit on this film already."),
            ),
            models.CheckConstraint(
                condition=models.Q(department=Department.CAST) | models.Q(character=""),
                name="only_cast_has_a_character",
                violation_error_message=_("Only a credit in the cast has a character."),
            ),
        ]
        indexes = [models.Index(fields=["film", "department", "position"], name="credit_billing")]

    def __str__(self) -> str:
        return f"{self.person} ({self.character or self.job or self.get_department_display()})"
