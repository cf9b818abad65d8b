"""The desk: Django's admin, where editors and moderators work.

People come in through the site's own sign-in, with its limits and its second step;
the admin's own pages for signing in and out and for passwords lead there.
"""

from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from reviews import second_factor


class Autocomplete(AutocompleteJsonView):
    """What a field that searches and chooses finds; people of one name differ by their birth."""

    def serialize_result(self, obj: Any, to_field_name: str) -> Any:
        result = super().serialize_result(obj, to_field_name)
        if born := getattr(obj, "born", None):
            result["text"] += f" ({born.year})"
        return result


class Desk(admin.AdminSite):
    site_header = settings.SITE_NAME
    site_title = _("%(site)s desk") % {"site": settings.SITE_NAME}
    index_title = _("Desk")
    empty_value_display = "–"
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Strangers are asked to sign in; whoever is no staff gets the 403 page."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request):
                response: HttpResponse = inner(request, *args, **kwargs)
                return response
            return self._turn_away(request, request.get_full_path())

        return update_wrapper(guarded, view)

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """For moderators the first page begins with what waits for them."""
        from reviews.admin.waiting import waiting  # admin modules are read after this one

        return super().index(request, {"waiting": waiting(request.user), **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_enough(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Films and votes first: what editors and moderators come for."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: model["object_name"] not in ("Film", "Vote"))
        return apps

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Autocomplete.as_view(admin_site=self)(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        return self._turn_away(request, request.GET.get("next", "/admin/"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def _turn_away(self, request: HttpRequest, wanted: str) -> HttpResponse:
        if super().has_permission(request):
            return second_factor.ask(request, wanted)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(wanted)
