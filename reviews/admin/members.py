"""The members, for superusers alone: their addresses, their rights, and taking them away."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from films.admin.desk import DeskAdmin
from reviews.models import Member

if TYPE_CHECKING:
    MemberUserAdmin = UserAdmin[Member]
else:
    MemberUserAdmin = UserAdmin

DESK_GROUPS = ["Editors", "Moderators"]


@admin.register(Member)
class MemberAdmin(DeskAdmin, MemberUserAdmin):
    """Django's own, without first and last name. An account's holder changes its address."""

    list_display = ["username", "display_name", "email", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["-pk"]
    sortable_by = ["username", "date_joined"]
    actions = ["make_editor", "make_moderator", "take_from_the_desk"]
    filter_horizontal = []
    readonly_fields = ["email", "last_login", "date_joined", "imported_as"]
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (_("What readers see"), {"fields": ("display_name", "about")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("History"), {"fields": ("date_joined", "last_login", "imported_as")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.readonly_fields) if obj else []

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        self.delete_queryset(request, Member.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        """Lock the members first, so that a vote cast meanwhile waits and then finds nobody."""
        with transaction.atomic():
            locked = queryset.select_for_update().order_by("pk").values_list("pk", flat=True)
            Member.objects.filter(pk__in=list(locked)).delete()

    @admin.action(description=_("Make editor"))
    def make_editor(self, request: HttpRequest, members: QuerySet[Member]) -> None:
        self._let_in(request, members, "Editors")

    @admin.action(description=_("Make moderator"))
    def make_moderator(self, request: HttpRequest, members: QuerySet[Member]) -> None:
        self._let_in(request, members, "Moderators")

    @admin.action(description=_("Take from the desk"))
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
            chosen = list(members.select_for_update().order_by("pk"))
            for group in Group.objects.filter(name__in=DESK_GROUPS):
                group.user_set.remove(*chosen)
            Member.objects.filter(pk__in=[member.pk for member in chosen]).update(is_staff=False)
            self._note(request, chosen, "Taken from the desk.")
        n = len(chosen)
        said = ngettext("%(n)d member left the desk.", "%(n)d members left the desk.", n)
        self.message_user(request, said % {"n": n}, messages.SUCCESS)

    def _let_in(self, request: HttpRequest, members: QuerySet[Member], group: str) -> None:
        with transaction.atomic():
            chosen = list(members.select_for_update().order_by("pk"))
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


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
