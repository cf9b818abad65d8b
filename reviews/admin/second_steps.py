"""Members' second steps, for superusers alone: to take one away from who lost phone and codes."""

from typing import Any

import allauth.mfa.admin  # noqa: F401
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from films.admin.desk import ReadOnlyAdmin
from reviews import mail
from reviews.models import Member

admin.site.unregister(Authenticator)  # allauth's own page shows the stored keys


@admin.register(Authenticator)
class SecondStepAdmin(ReadOnlyAdmin):
    list_display = ["username", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    search_help_text = _("A member's username")
    ordering = ["-pk"]
    fields = ["username", "type", "created_at", "last_used_at"]
    readonly_fields = ["username"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    @admin.display(description=_("member"), ordering="user__username")
    def username(self, authenticator: Authenticator) -> str:
        return str(authenticator.user.username)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        self.delete_queryset(request, Authenticator.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        """With the app go the recovery codes. Its member is told: it may not be them who asked."""
        members = list(Member.objects.filter(pk__in=queryset.values("user_id")).order_by("pk"))
        Authenticator.objects.filter(user__in=members).delete()
        mail.send("mfa/email/taken_away", ((member, {}) for member in members))
