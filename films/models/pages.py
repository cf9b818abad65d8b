"""The site's own pages: about, privacy, house rules."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Page(models.Model):
    """A page of the site itself, linked at the foot of every page as soon as it exists."""

    slug = models.SlugField(
        _("address"),
        max_length=60,
        unique=True,
        help_text=_("about, privacy or house-rules; the page then stands at /about/ and so on."),
    )
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"), max_length=50_000, help_text=_("Markdown."))

    class Meta:
        ordering = ["slug"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page", args=[self.slug])
