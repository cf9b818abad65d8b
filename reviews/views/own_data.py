"""One's own data: all of it to take along, and the account deleted."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reviews import limits, mail
from reviews.forms import PasswordAgainForm
from reviews.models import Member
from reviews.own_data import LastSuperuserError, delete_members, takes_last_superuser
from reviews.own_data import export as export_of

PASSWORDS, PASSWORD_PAUSE = 5, 5 * limits.MINUTE  # so many tries in so long


@require_safe
@login_required
def account_data(request: HttpRequest) -> HttpResponse:
    """What one can do with one's own data: take it along, delete it."""
    return _page(request, _form(request))


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that names the member, as a zip of CSV and JSON. Asks for the password."""
    form = _form(request)
    if wait := _too_many(request):
        return limits.refuse(request, wait)
    if not form.is_valid():
        return _page(request, form, 400)
    name = f"{request.user.get_username()}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(
        export_of(form.member),
        as_attachment=True,
        filename=name,
        headers={"Content-Type": "application/zip", "Cache-Control": "private, no-store"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_account(request: HttpRequest) -> HttpResponse:
    """Delete one's account, after a page that says what goes and what stays."""
    form = _form(request)
    if request.method == "POST":
        if wait := _too_many(request):
            return limits.refuse(request, wait)
        if form.is_valid():
            return _delete(request, form)
    return _delete_page(request, form, 400 if form.errors else 200)


@require_safe
def account_deleted(request: HttpRequest) -> HttpResponse:
    """What is said to who has deleted their account."""
    return render(request, "account/deleted.html")


def _delete(request: HttpRequest, form: PasswordAgainForm) -> HttpResponse:
    try:
        with transaction.atomic():
            mail.send("reviews/email/account_deleted", [(form.member, {})])
            delete_members(Member.objects.filter(pk=form.member.pk))
    except LastSuperuserError:
        return _delete_page(request, form, 409)
    logout(request)
    return redirect("reviews:account_deleted")


def _form(request: HttpRequest) -> PasswordAgainForm:
    member: Any = request.user
    return PasswordAgainForm(request.POST if request.method == "POST" else None, member=member)


def _too_many(request: HttpRequest) -> int:
    return limits.too_many("password", request.user.pk, PASSWORDS, PASSWORD_PAUSE)


def _page(request: HttpRequest, form: PasswordAgainForm, status: int = 200) -> HttpResponse:
    return render(request, "account/own_data.html", {"form": form}, status=status)


def _delete_page(request: HttpRequest, form: PasswordAgainForm, status: int) -> HttpResponse:
    member = form.member
    context = {
        "form": form,
        "votes": member.votes.count(),
        "reviews": member.reviews.count(),
        "is_last_superuser": takes_last_superuser(Member.objects.filter(pk=member.pk)),
    }
    return render(request, "account/delete.html", context, status=status)
