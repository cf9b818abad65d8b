"""The votes: read by moderators, held, discounted and counted again with a reason."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from films.models import Film
from reviews.admin.acts import SHOWN, Act, ActedOnAdmin
from reviews.models import AudienceScore, Member, ModerationAct, Vote

OWNER_READS = _("The voter reads it beside their vote. At most 300 characters.")

ACTS = (
    Act(
        "hold",
        Vote.Status.HELD,
        _("Hold"),
        _("Hold votes"),
        OWNER_READS,
        ngettext_lazy("%(n)d vote is held now.", "%(n)d votes are held now.", "n"),
    ),
    Act(
        "discount",
        Vote.Status.DISCOUNTED,
        _("Discount"),
        _("Discount votes"),
        OWNER_READS,
        ngettext_lazy("%(n)d vote is discounted now.", "%(n)d votes are discounted now.", "n"),
    ),
    Act(
        "count_again",
        Vote.Status.COUNTED,
        _("Count again"),
        _("Count votes again"),
        _("It stays in the log; the voter does not read it. At most 300 characters."),
        ngettext_lazy("%(n)d vote counts again.", "%(n)d votes count again.", "n"),
    ),
)


@admin.register(Vote)
class VoteAdmin(ActedOnAdmin):
    acts = ACTS
    actions = ["hold", "discount", "count_again"]
    list_display = ["title", "voter", "stars", "status", "reason", "cast_at", "changed_at"]
    list_select_related = ["film", "member"]
    list_filter = ["status", "score"]
    ordering = ["-pk"]
    sortable_by = ["stars", "cast_at", "changed_at"]
    search_fields = ["film"]  # what is searched stands in get_search_results
    search_help_text = _("A film's title or a member's username")
    fields = ["film_link", "voter", "stars", "status", "reason", "cast_at", "changed_at"]
    fields += ["moderation"]
    readonly_fields = ["film_link", "voter", "stars", "moderation"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Votes on films of that title, and of members of that name, by the votes' indexes."""
        if not (term := search_term.strip()):
            return queryset, False
        return queryset.filter(
            Q(film__in=Film.objects.filter(title__icontains=term).order_by().values("pk"))
            | Q(member__in=Member.objects.filter(username__icontains=term).order_by().values("pk"))
        ), False

    def consequences(self, subjects: Any, act: Act) -> dict[str, Any]:
        """The films concerned, each with its score before and after the act."""
        grouped = subjects.order_by().values("film").annotate(n=Count("pk"))
        concerned = list(grouped.order_by("-n", "film"))
        shown = concerned[:SHOWN]
        films = Film.objects.in_bulk([row["film"] for row in shown])
        before = AudienceScore.objects.in_bulk(list(films))
        with ModerationAct.objects.tried(subjects, act.after):
            after = AudienceScore.objects.in_bulk(list(films))
        return {
            "films": [
                (films[row["film"]], row["n"], before[row["film"]], after[row["film"]])
                for row in shown
            ],
            "more_films": len(concerned) - len(shown),
        }

    @admin.display(description=_("film"))
    def title(self, vote: Vote) -> str:
        return str(vote.film)

    @admin.display(description=_("member"))
    def voter(self, vote: Vote) -> str:
        return vote.member.username

    @admin.display(description=_("stars"), ordering="score")
    def stars(self, vote: Vote) -> str:
        return vote.stars

    @admin.display(description=_("film"))
    def film_link(self, vote: Vote) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("films:film", args=[vote.film.slug]), vote.film
        )

    @admin.action(permissions=["moderate"], description=_("Hold"))
    def hold(self, request: HttpRequest, votes: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, votes, "hold")

    @admin.action(permissions=["moderate"], description=_("Discount"))
    def discount(self, request: HttpRequest, votes: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, votes, "discount")

    @admin.action(permissions=["moderate"], description=_("Count again"))
    def count_again(self, request: HttpRequest, votes: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, votes, "count_again")
