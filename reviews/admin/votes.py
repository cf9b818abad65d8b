"""The votes: read by moderators, held, discounted and counted again with a reason."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from films.models import Film
from reviews.admin.acts import SHOWN, Act, ActedOnAdmin, link_to
from reviews.admin.windows import WindowFilter, window
from reviews.models import Alert, AudienceScore, Member, ModerationAct, Vote
from reviews.models.vote import SCORES, stars_text
from reviews.watching import concerned

YOUNG = (1, 3, 7, 30)  # days
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


class ScoreFilter(admin.SimpleListFilter):
    """The ten there are; Django's own filter would read every vote to find them."""

    title = _("stars")
    parameter_name = "score"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(score), stars_text(score)) for score in SCORES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(score=_number(request, "score")) if self.value() else queryset


class AgeFilter(admin.SimpleListFilter):
    """How old the account was at the vote's latest change.

    Voters from other communities (`import_votes`) have no such age.
    """

    title = _("age of the account at voting")
    parameter_name = "younger"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = ngettext_lazy("Younger than %(n)d day", "Younger than %(n)d days", "n")
        return [(str(days), words % {"n": days}) for days in YOUNG]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (days := self.value()):
            return queryset
        if days not in {str(days) for days in YOUNG}:
            return queryset.none()
        young = F("member__date_joined") + timedelta(days=int(days))
        return queryset.filter(changed_at__lt=young, member__imported_as="")


class AlertFilter(admin.SimpleListFilter):
    """The votes that an alert is about; it is chosen on the alert's page alone."""

    title = _("alert")
    parameter_name = "alert"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, _("What it is about"))] if (value := self.value()) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        alert = Alert.objects.filter(pk=_number(request, "alert")).first()
        if alert is None:
            return queryset.none()
        return queryset.filter(pk__in=concerned(alert).order_by().values("pk"))


@admin.register(Vote)
class VoteAdmin(ActedOnAdmin):
    acts = ACTS
    actions = ["hold", "discount", "count_again"]
    change_list_template = "admin/reviews/vote/list.html"
    list_display = ["stars", "title", "voter", "age", "voted", "status", "reason"]
    list_filter = [AlertFilter, "status", ScoreFilter, AgeFilter, WindowFilter]
    show_facets = admin.ShowFacets.NEVER  # they count all votes of the list for each choice
    sortable_by = ["stars", "voted"]
    search_fields = ["film"]  # what is searched stands in get_search_results
    search_help_text = _("A film's title or a member's username")
    fields = ["title", "voter", "age", "stars", "status", "reason", "voted", "cast_at"]
    fields += ["moderation"]
    readonly_fields = ["title", "voter", "age", "stars", "voted", "moderation"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Above the votes of one film stands its score, above those of one member who it is."""
        films = Film.objects.select_related("audience_score", "newcomer_hold")
        context = {
            "film": films.filter(pk=_number(request, "film")).first(),
            "voter": Member.objects.filter(pk=_number(request, "member")).first(),
            "may_hold_newcomers": request.user.has_perm("reviews.change_newcomerhold"),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Films and members are read after the page's votes: joined, all would be sorted along."""
        found: QuerySet[Any] = super().get_queryset(request).prefetch_related("film", "member")
        return found

    def get_ordering(self, request: HttpRequest) -> Any:
        """The latest first: of one film, by its index of moments."""
        return ["-changed_at", "-pk"] if _number(request, "film") else ["-pk"]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without the column that says the same in each row."""
        same = {"film": "title", "member": "voter"}
        told = {column for name, column in same.items() if _number(request, name)}
        return [column for column in self.list_display if column not in told]

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

    @admin.display(description=_("stars"), ordering="score")
    def stars(self, vote: Vote) -> str:
        return vote.stars

    @admin.display(description=_("film"))
    def title(self, vote: Vote) -> SafeString:
        """The film, leading to all votes on it."""
        return format_html('<a href="{}">{}</a>', votes_address(vote.film), vote.film)

    @admin.display(description=_("member"))
    def voter(self, vote: Vote) -> SafeString:
        return link_to(vote.member, vote.member.username)

    @admin.display(description=_("account then"))
    def age(self, vote: Vote) -> str:
        """How old the account was at voting, roughly: `3 days`."""
        if vote.member.imported_as:
            return gettext("imported")
        return timesince(vote.member.date_joined, vote.changed_at, depth=1)

    @admin.display(description=_("voted at"), ordering="changed_at")
    def voted(self, vote: Vote) -> SafeString:
        """When it was cast or changed last, leading to all votes on the film in that hour."""
        hour = localtime(vote.changed_at).replace(minute=0, second=0, microsecond=0)
        return format_html(
            '<a href="{}" title="{}">{}</a>',
            votes_address(vote.film, **window(hour, hour + timedelta(minutes=59))),
            gettext("Votes on this film in this hour"),
            date_format(localtime(vote.changed_at), "DATETIME_FORMAT"),
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


def votes_address(film: Film, **filters: Any) -> str:
    """Where the desk lists a film's votes; `window` says which filters make one of time."""
    address = reverse("admin:reviews_vote_changelist")
    return f"{address}?{urlencode({'film': film.pk, **filters})}"


def _number(request: HttpRequest, name: str) -> int:
    """The film or member of the list's address; 0, which is nobody's, where it names none."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
