"""Collections: editors' lists of films, with an introduction and a note on each film."""

from typing import Any, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from films.models.film import Film, may_edit_films, published_now
from films.slugs import address, free_slug, make_slug


class CollectionQuerySet(models.QuerySet["Collection"]):
    def published(self) -> Self:
        """Collections that everybody may read now: published, and not at a later moment."""
        return self.filter(published_now())

    def visible_to(self, reader: AbstractUser | AnonymousUser) -> Self:
        """Collections this reader may read: the published ones, and all for who may edit films."""
        return self.all() if may_edit_films(reader) else self.published()

    def newest(self) -> Self:
        """The collection published last first."""
        return self.order_by("-published_at", "-pk")

    def on_home_page(self) -> Self:
        """The published collections that editors put on the home page, in their order."""
        return self.published().exclude(home_position=None).order_by("home_position", "pk")


class Collection(models.Model):
    """An editors' list. Draft while `published_at` is empty, scheduled while it is to come."""

    title = models.CharField(_("title"), max_length=120, help_text=_("Quiet catastrophes"))
    slug = models.SlugField(
        _("address"), max_length=140, unique=True, blank=True, help_text=_("Made from the title.")
    )
    introduction = models.TextField(
        _("introduction"), max_length=20_000, blank=True, help_text=_("Markdown.")
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Empty: a draft. To come: readers see it from that moment on."),
    )
    home_position = models.PositiveSmallIntegerField(
        _("place on the home page"),
        null=True,
        blank=True,
        help_text=_("1 comes first. Empty: it is not on the home page."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    films = models.ManyToManyField(Film, through="films.CollectionEntry", related_name="+")

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title=""),
                name="collection_has_a_title",
                violation_error_message=_("A collection needs a title."),
            )
        ]
        indexes = [models.Index(fields=["-published_at"], name="collection_newest")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(
                make_slug(self.title, "collection"),
                lambda slug: Collection.objects.filter(slug=slug).exists(),
            )
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("films:collection", self.slug)

    @property
    def is_published(self) -> bool:
        """Whether everybody may read it now; the one-row form of `published()`."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_scheduled(self) -> bool:
        return self.published_at is not None and not self.is_published


class CollectionEntry(models.Model):
    """One film of a collection, where it stands, and what the editors say of it there."""

    collection = models.ForeignKey(
        Collection, models.CASCADE, related_name="entries", db_index=False
    )
    film = models.ForeignKey(Film, models.CASCADE, related_name="collection_entries")
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("The lowest comes first.")
    )
    note = models.TextField(_("note"), max_length=2_000, blank=True, help_text=_("Markdown."))

    class Meta:
        ordering = ["collection", "position", "pk"]
        verbose_name = _("film of a collection")
        verbose_name_plural = _("films of a collection")
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "film"],
                name="collection_has_a_film_once",
                violation_error_message=_("This film stands in the collection already."),
            )
        ]
        indexes = [models.Index(fields=["collection", "position"], name="collection_order")]

    def __str__(self) -> str:
        return str(self.film)
