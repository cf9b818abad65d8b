"""The members: for moderators, to suspend them and to let them in again; for superusers, all.

E-mail addresses and rights are shown to superusers alone, and neither searched nor filtered by
anybody else.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from reviews.admin.acts import SHOWN, Act, ActedOnAdmin, list_link
from reviews.models import Member, Report, Review, Vote
from reviews.own_data import delete_members, takes_last_superuser

if TYPE_CHECKING:
    MemberUserAdmin = UserAdmin[Member]
else:
    MemberUserAdmin = UserAdmin

DESK_GROUPS = ["Editors", "Moderators"]
STAFF = _("Who works at the desk is taken from it first. Nothing was done. Leave these out:")

ACTS = (
    Act(
        "suspend",
        Member.SUSPENDED,
        _("Suspend"),
        _("Suspend members"),
        _("They read it when they try to sign in. Votes and reviews stay. At most 300 characters."),
        ngettext_lazy("%(n)d member is suspended now.", "%(n)d members are suspended now.", "n"),
    ),
    Act(
        "let_in",
        Member.ACTIVE,
        _("Let in again"),
        _("Let members in again"),
        _("It stays in the log; the member does not read it. At most 300 characters."),
        ngettext_lazy("%(n)d member may sign in again.", "%(n)d members may sign in again.", "n"),
    ),
)


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(Member.ACTIVE, _("active")), (Member.SUSPENDED, _("suspended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (state := self.value()):
            return queryset
        return queryset.filter(is_active=state == Member.ACTIVE)


@admin.register(Member)
class MemberAdmin(ActedOnAdmin, MemberUserAdmin):
    """For superusers Django's own, without first and last name; for moderators a page to read.

    An account's holder changes its address. Nobody sets `is_active` by hand: suspending is an act.
    """

    acts = ACTS
    list_display = ["username", "display_name", "state", "votes_cast", "reviews_written"]
    list_display += ["date_joined"]
    list_filter = [StateFilter, "date_joined"]
    search_fields = ["username", "display_name"]
    search_help_text = _("A username or a display name")
    ordering = ["-pk"]
    sortable_by = ["username", "date_joined"]
    actions = ["suspend", "let_in", "make_editor", "make_moderator", "take_from_the_desk"]
    filter_horizontal = []
    conduct: tuple[str, ...] = ("state", "suspended_because", "their_votes", "their_reviews")
    conduct += ("reports_made", "reports_about", "moderation")
    for_moderators: tuple[str, ...] = ("username", "display_name", "about", "date_joined", *conduct)
    readonly_fields = ["email", "last_login", "date_joined", "imported_as", *conduct]
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (_("What readers see"), {"fields": ("display_name", "about")}),
        (_("Rights"), {"fields": ("is_staff", "groups", "is_superuser")}),
        (_("Moderation"), {"fields": conduct}),
        (_("History"), {"fields": ("date_joined", "last_login", "imported_as")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),
    )

    # --- Who sees what --------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_superuser_permission(request) or self.has_moderate_permission(request)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("reviews.suspend_member")

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_superuser_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_superuser_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_superuser_permission(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        if self.has_superuser_permission(request):
            return [*self.list_display, "email", "is_staff"]
        return self.list_display

    def get_list_filter(self, request: HttpRequest) -> Any:
        if self.has_superuser_permission(request):
            return [StateFilter, "is_staff", "is_superuser", "groups", "date_joined"]
        return self.list_filter

    def get_search_fields(self, request: HttpRequest) -> Any:
        if self.has_superuser_permission(request):
            return [*self.search_fields, "email"]
        return self.search_fields

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """An address is not guessed at letter by letter, by `?email__startswith=` and the like."""
        if request is None or not self.has_superuser_permission(request):
            return lookup == StateFilter.parameter_name or lookup.startswith("date_joined__")
        return super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_superuser_permission(request):
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": self.for_moderators}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.readonly_fields) if obj else []

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What superusers did with somebody's rights is for superusers."""
        if not self.has_superuser_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    # --- What is shown --------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with how much they said, as the list shows it."""
        counts = {"n_votes": _count(Vote, "member"), "n_reviews": _count(Review, "author")}
        found: QuerySet[Any] = super().get_queryset(request).annotate(**counts)
        return found

    @admin.display(description=_("state"))
    def state(self, member: Member) -> str:
        return gettext("active") if member.is_active else gettext("suspended")

    @admin.display(description=_("votes"))
    def votes_cast(self, member: Any) -> int:
        return member.n_votes or 0

    @admin.display(description=_("reviews"))
    def reviews_written(self, member: Any) -> int:
        return member.n_reviews or 0

    @admin.display(description=_("votes"))
    def their_votes(self, member: Member) -> SafeString:
        return list_link("vote", _by_status(member.votes, Vote), member=member.pk)

    @admin.display(description=_("reviews"))
    def their_reviews(self, member: Member) -> SafeString:
        return list_link("review", _by_status(member.reviews, Review), author=member.pk)

    @admin.display(description=_("reports they made"))
    def reports_made(self, member: Member) -> SafeString:
        return list_link("report", _by_status(member.reports, Report), member=member.pk)

    @admin.display(description=_("reports of their reviews"))
    def reports_about(self, member: Member) -> str:
        return _by_status(Report.objects.filter(review__author=member), Report)

    # --- Acts -----------------------------------------------------------------------------------

    def barred(self, request: HttpRequest, subjects: Any) -> Iterable[tuple[Any, Any]]:
        return [*super().barred(request, subjects), (STAFF, subjects.filter(is_staff=True))]

    def consequences(self, subjects: QuerySet[Any], act: Act) -> dict[str, Any]:
        """The members themselves."""
        members = list(subjects[: SHOWN + 1])
        return {"members": members[:SHOWN], "cut": len(members) > SHOWN}

    @admin.action(permissions=["moderate"], description=_("Suspend"))
    def suspend(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, members, "suspend")

    @admin.action(permissions=["moderate"], description=_("Let in again"))
    def let_in(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse | None:
        return self.act_on(request, members, "let_in")

    @admin.action(permissions=["superuser"], description=_("Make editor"))
    def make_editor(self, request: HttpRequest, members: QuerySet[Member]) -> None:
        self._bring_in(request, members, "Editors")

    @admin.action(permissions=["superuser"], description=_("Make moderator"))
    def make_moderator(self, request: HttpRequest, members: QuerySet[Member]) -> None:
        self._bring_in(request, members, "Moderators")

    @admin.action(permissions=["superuser"], description=_("Take from the desk"))
    def take_from_the_desk(self, request: HttpRequest, members: QuerySet[Member]) -> None:
        """Out of both groups, and not staff. A superuser's rights are taken on their own page."""
        if members.filter(is_superuser=True).exists():
            self.message_user(
                request,
                _("A superuser cannot be taken from the desk like this. Nothing was done."),
                messages.ERROR,
            )
            return
        with transaction.atomic():
            chosen = list(members.select_for_update(of=("self",)).order_by("pk"))
            for group in Group.objects.filter(name__in=DESK_GROUPS):
                group.user_set.remove(*chosen)
            Member.objects.filter(pk__in=[member.pk for member in chosen]).update(is_staff=False)
            self._note(request, chosen, "Taken from the desk.")
        n = len(chosen)
        said = ngettext("%(n)d member left the desk.", "%(n)d members left the desk.", n)
        self.message_user(request, said % {"n": n}, messages.SUCCESS)

    def _bring_in(self, request: HttpRequest, members: QuerySet[Member], group: str) -> None:
        with transaction.atomic():
            chosen = list(members.select_for_update(of=("self",)).order_by("pk"))
            Group.objects.get(name=group).user_set.add(*chosen)
            Member.objects.filter(pk__in=[member.pk for member in chosen]).update(is_staff=True)
            self._note(request, chosen, f"Joined the group {group}.")
        n = len(chosen)
        said = ngettext("%(n)d member joined: %(group)s.", "%(n)d members joined: %(group)s.", n)
        self.message_user(request, said % {"n": n, "group": group}, messages.SUCCESS)

    def _note(self, request: HttpRequest, members: Iterable[Member], what: str) -> None:
        """In the admin's own log, which the member's page shows as its history."""
        for member in members:
            self.log_change(request, member, what)

    # --- Deleting, by superusers ----------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        self.delete_queryset(request, Member.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        """As if they had deleted themselves: what the log of this desk has of them goes, too."""
        delete_members(queryset)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """The last superuser is not deleted, alone or with others."""
        members, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if takes_last_superuser(Member.objects.filter(pk__in=[member.pk for member in objs])):
            lacking = {*lacking, gettext("the last superuser")}
        return members, counts, lacking, protected


def _count(model: Any, whose: str) -> Subquery:
    """How many of these a member has; NULL for none. Counted for the rows of a page alone."""
    theirs = model.objects.filter(**{whose: OuterRef("pk")}).order_by()
    return Subquery(theirs.values(whose).annotate(n=Count("pk")).values("n"))


def _by_status(rows: Any, model: Any) -> str:
    """How many, and how many of each status but the usual one: `12, of these 2 held`."""
    usual = model._meta.get_field("status").default
    states = model.Status
    counts = rows.order_by().aggregate(
        n=Count("pk"), **{state.value: Count("pk", filter=Q(status=state)) for state in states}
    )
    rest = [
        f"{counts[state.value]} {state.label}"
        for state in states
        if state != usual and counts[state.value]
    ]
    if not rest:
        return str(counts["n"])
    return gettext("%(n)d, of these %(rest)s") % {"n": counts["n"], "rest": ", ".join(rest)}
