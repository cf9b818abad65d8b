"""The reviews: read by moderators, hidden and restored with a reason; nobody edits a text here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from reviews.admin.acts import SHOWN, Act, ActedOnAdmin
from reviews.models import Review
from reviews.models.moderation import DELETED

LOG_KEEPS = _("It stays in the log; the author does not read it. At most 300 characters.")

ACTS = (
    Act(
        "hide",
        Review.Status.HIDDEN,
        _("Hide"),
        _("Hide reviews"),
        _("The author reads it above their review. At most 300 characters."),
        ngettext_lazy("%(n)d review is hidden now.", "%(n)d reviews are hidden now.", "n"),
    ),
    Act(
        "restore",
        Review.Status.PUBLISHED,
        _("Restore"),
        _("Restore reviews"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d review is public again.", "%(n)d reviews are public again.", "n"),
    ),
    Act(
        "delete_for_good",
        DELETED,
        _("Delete"),
        _("Delete reviews for good"),
        LOG_KEEPS,
        ngettext_lazy("%(n)d review is deleted.", "%(n)d reviews are deleted.", "n"),
    ),
)


@admin.register(Review)
class ReviewAdmin(ActedOnAdmin):
    acts = ACTS
    actions = ["hide", "restore", "delete_for_good"]
    list_display = ["opening", "title", "writer", "status", "reason", "written_at"]
    list_select_related = ["film", "author"]
    list_filter = ["status", "gives_away_ending", "written_at"]
    ordering = ["-pk"]
    search_fields = ["film__title", "author__username", "headline", "body"]
    search_help_text = _("A film's title, an author's username, or words of the review")
    fields = ["page", "writer", "headline", "body", "gives_away_ending", "status", "reason"]
    fields += ["written_at", "edited_at", "moderation"]
    readonly_fields = ["page", "writer", "moderation"]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.delete_review")

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """The reviews themselves."""
        reviews = list(subjects[: SHOWN + 1])
        return {"reviews": reviews[:SHOWN], "cut": len(reviews) > SHOWN}

    @admin.display(description=_("review"))
    def opening(self, review: Review) -> str:
        return review.headline or Truncator(review.body).chars(80)

    @admin.display(description=_("film"))
    def title(self, review: Review) -> str:
        return str(review.film)

    @admin.display(description=_("author"))
    def writer(self, review: Review) -> str:
        return review.author.username

    @admin.display(description=_("film"))
    def page(self, review: Review) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("films:film", args=[review.film.slug]), review.film
        )

    @admin.action(permissions=["moderate"], description=_("Hide"))
    def hide(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "hide")

    @admin.action(permissions=["moderate"], description=_("Restore"))
    def restore(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "restore")

    @admin.action(permissions=["remove"], description=_("Delete for good"))
    def delete_for_good(self, request: HttpRequest, reviews: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, reviews, "delete_for_good")
