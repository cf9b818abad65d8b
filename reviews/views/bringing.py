"""Bringing votes and reviews from elsewhere: choose a file, look, confirm; and take it back."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from films.importing.table import FileRefusedError
from reviews import limits
from reviews.models import OwnImport
from reviews.models.own_import import TakenBack
from reviews.own_imports.brought import What
from reviews.own_imports.preview import chosen_films
from reviews.own_imports.upload import OwnUpload
from reviews.views.paging import page_of

LARGEST_FILE = 20 * 2**20  # bytes
IMPORTS_A_PAGE = 20
TO_SEE = frozenset({What.WATCHLIST})


class BringForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "Letterboxd’s zip as it was downloaded, or the CSV of your ratings or of a list from"
            " IMDb. At most 20 MB."
        ),
        error_messages={
            "required": gettext_lazy("Choose a file first."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> "UploadedFile[Any]":
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file has more than 20 MB. Nothing was stored."))
        return upload


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bring(request: HttpRequest) -> HttpResponse:
    """Takes a file and leads to what it would bring. Below the form, the member's imports."""
    if request.method != "POST":
        return _start(request, BringForm())
    form = BringForm(request.POST, request.FILES)
    if not form.is_valid():
        return _start(request, form, 400)
    if wait := limits.too_many("import", request.user.pk, settings.IMPORTS_AN_HOUR, limits.HOUR):
        return limits.refuse(request, wait)
    file = form.cleaned_data["file"]
    try:
        upload = OwnUpload.create(request.user, file.file, file.name)
    except FileRefusedError as refused:
        form.add_error("file", f"{refused} {_('Nothing was stored.')}")
        return _start(request, form, 400)
    return redirect("reviews:brought", upload.token)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def brought(request: HttpRequest, token: str) -> HttpResponse:
    """GET: what the member's file would bring. POST: brings it; a second time does nothing."""
    upload = OwnUpload.of(request.user, token)
    if request.method == "POST":
        return _confirm(request, upload)
    if not upload.waits:
        return redirect("reviews:bring")
    return render(request, "account/import_look.html", {"told": upload.load("preview")})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a whole import back, after a page that says what goes and what stays."""
    own_import = get_object_or_404(OwnImport, pk=pk, member=request.user.pk)
    if request.method == "POST":
        done = own_import.take_back()
        if done:
            messages.success(request, _taken_back(done))
        else:
            messages.info(request, _("This import was taken back before. Nothing changed."))
        return redirect("reviews:bring")
    if own_import.taken_back_at:
        return redirect("reviews:bring")
    context = {"own_import": own_import, "look": own_import.look()}
    return render(request, "account/import_take_back.html", context)


def _start(request: HttpRequest, form: BringForm, status: int = 200) -> HttpResponse:
    mine = OwnImport.objects.filter(member=request.user.pk).with_counts()
    context = {"form": form, **page_of(mine, request, IMPORTS_A_PAGE, {})}
    return render(request, "account/import.html", context, status=status)


def _confirm(request: HttpRequest, upload: OwnUpload) -> HttpResponse:
    """Import, and say what came of it. A film that went meanwhile: nothing, and once more."""
    told = upload.load("preview")
    chosen = chosen_films(told, request.POST)
    unwanted = TO_SEE if told.get("asks") and "to_see" not in request.POST else frozenset()
    try:
        own_import = upload.confirm(request.user, chosen, unwanted)
    except FileNotFoundError:
        again = _("This file is imported already, or is being imported just now.")
        messages.info(request, again)
    except IntegrityError:
        problem = _("A film was removed meanwhile. Nothing was stored: confirm once more.")
        messages.error(request, problem)
        return redirect("reviews:brought", upload.token)
    else:
        if own_import:
            messages.success(request, _stored(own_import))
        else:
            messages.info(request, _("Nothing was added: what has a place here is here already."))
    return redirect("reviews:bring")


def _stored(own_import: OwnImport) -> str:
    """What an import made, and how much of it waits for a moderator."""
    made = OwnImport.objects.with_counts().get(pk=own_import.pk)
    words = [_("Imported: %s.") % made.made]
    if held := own_import.held():
        words.append(_("Held until a moderator looks: %s.") % held)
    return " ".join(words)


def _taken_back(done: TakenBack) -> str:
    words = [_("Taken back: %s.") % (done.removed or _("nothing"))]
    if done.changed:
        words.append(_("Kept, since you changed them: %s.") % done.changed)
    if done.set_aside:
        words.append(_("Kept, since moderators set them aside: %s.") % done.set_aside)
    return " ".join(words)
