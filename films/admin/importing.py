"""Import films in the admin: upload, dry run, confirm.

An upload lies in a folder of its own under MEDIA_ROOT/imports, named by the editor's number and a
random token; no address leads to it. It goes when the import is done, and what an editor left
lying goes after a day. What it came to stands beside it as JSON, so that each step is a page of
its own that can be loaded again.
"""

from collections.abc import Iterator
from typing import Any, Self

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.importing.planning import Decision, Outcome
from films.importing.reading import FilmFile
from films.importing.run import Import
from films.importing.table import FileRefusedError
from films.importing.upload import Upload

LARGEST_FILE = 50 * 2**20  # bytes
SHOWN = 200  # rows of each outcome that the page names


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Filmsite CSV, or a zip of it with its posters; tmdb_5000_movies.csv; TMDB's movie"
            " JSON. At most 50 MB; larger ones go by the command import_films."
        ),
    )
    credits_file = forms.FileField(
        label=_("Credits"), required=False, help_text=_("tmdb_5000_credits.csv, for TMDB 5000.")
    )
    publish = forms.BooleanField(
        label=_("Publish new films at once"),
        required=False,
        help_text=_("Otherwise they are drafts."),
    )
    overwrite = forms.BooleanField(
        label=_("Replace what differs"),
        required=False,
        help_text=_("Otherwise what is on the site is kept, and only empty fields are filled."),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        return self._checked("file")

    def clean_credits_file(self) -> "UploadedFile[Any] | None":
        return self._checked("credits_file") if self.cleaned_data["credits_file"] else None

    def _checked(self, name: str) -> "UploadedFile[Any]":
        upload: UploadedFile[Any] = self.cleaned_data[name]
        if (upload.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file has more than 50 MB. Split it, or use the command import_films.")
            )
        return upload


class FilmUpload(Upload):
    """One editor's uploaded file with what is to be done with it, and what it came to."""

    PLACE, FIRST = "imports", "options"

    @classmethod
    def create(cls, editor: Any, form: ImportForm) -> Self:
        upload = cls.make(editor)
        for name in ("file", "credits_file"):
            if given := form.cleaned_data[name]:
                with (upload.folder / name).open("wb") as stream:
                    stream.writelines(given.chunks())
        options = {name: form.cleaned_data[name] for name in ("publish", "overwrite")}
        upload.save("options", options | {"name": form.cleaned_data["file"].name})
        return upload

    def run(self, source: str, *, dry_run: bool) -> dict[str, Any]:
        """Import the file that lies there as `source`, or only tell; what came of each row."""
        options = self.load("options")
        given = self.folder / "credits_file"
        with FilmFile(self.folder / source, given if given.exists() else None) as file:
            done = Import(
                file,
                dry_run=dry_run,
                publish=options["publish"],
                overwrite=options["overwrite"],
            )
            return _summary(done)

    def confirm(self) -> None:
        """Import for real; a second click, or another one meanwhile, does nothing."""
        try:
            (self.folder / "file").rename(self.folder / "running")
        except FileNotFoundError:
            return
        try:
            self.save("result", self.run("running", dry_run=False))
        finally:
            for name in ("running", "credits_file"):
                (self.folder / name).unlink(missing_ok=True)

    def state(self) -> str:
        """`dry run` until confirmed, `running`, `done`, or `broken off`."""
        if (self.folder / "result.json").exists():
            return "done"
        if (self.folder / "file").exists():
            return "dry run"
        return "running" if (self.folder / "running").exists() else "broken off"


class ImportFilms(admin.ModelAdmin):  # type: ignore[type-arg]
    """The pages of an import, beside the film list."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="films_film_import"),
            path(
                "import/<str:token>/", view(self.import_done_view), name="films_film_import_upload"
            ),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Takes a file, and leads to what importing it would do."""
        self._check_may_import(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            upload = FilmUpload.create(request.user, form)
            try:
                upload.save("dry-run", upload.run("file", dry_run=True))
            except FileRefusedError as refused:
                upload.delete()
                form.add_error("file", str(refused))
            except BaseException:
                upload.delete()
                raise
            else:
                return redirect("admin:films_film_import_upload", upload.token)
        return self._page(request, "import", gettext("Import films"), {"form": form})

    def import_done_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """GET: the dry run of an upload, or what its import came to. POST: imports it."""
        self._check_may_import(request)
        upload = FilmUpload.of(request.user, token)
        if request.method == "POST":
            upload.confirm()
            return redirect("admin:films_film_import_upload", token)
        state = upload.state()
        title = gettext("Import films: dry run") if state == "dry run" else gettext("Import films")
        summary = upload.load("dry-run" if state == "dry run" else "result")
        context = {"summary": summary, "state": state, "options": upload.load("options")}
        return self._page(request, "import_upload", title, context)

    def _check_may_import(self, request: HttpRequest) -> None:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/films/film/{template}.html", page | context)


def _summary(done: Import) -> dict[str, Any]:
    """How many rows of each outcome, and the first of them with what there is to say."""
    rows: dict[str, list[dict[str, Any]]] = {outcome: [] for outcome in Outcome}
    for decision in done:
        if len(rows[decision.outcome]) < SHOWN:
            rows[decision.outcome].append(
                {
                    "line": decision.line,
                    "title": decision.title,
                    "slug": decision.film.slug if decision.film else "",
                    "says": list(_says(decision)),
                }
            )
    worst_first = reversed(list(Outcome))
    return {
        "format": str(done.file.format),
        "total": done.counts.total(),
        "left_as_drafts": done.left_as_drafts,
        "outcomes": [
            {
                "name": outcome,
                "label": str(outcome.label),
                "count": done.counts[outcome],
                "rows": rows[outcome],
                "more": done.counts[outcome] - len(rows[outcome]),
            }
            for outcome in worst_first
            if done.counts[outcome]
        ],
    }


def _says(decision: Decision) -> Iterator[str]:
    """What the page says of one row: the reason, what differs, what is filled."""
    if decision.reason:
        yield decision.reason
    for difference in decision.differences:
        yield gettext("%(field)s: here “%(site)s”, in the file “%(file)s”") % {
            "field": difference.field,
            "site": _short(difference.site),
            "file": _short(difference.file),
        }
    differing = {difference.field for difference in decision.differences}
    filled = [name for name in decision.writes if name not in differing]
    if filled and decision.outcome != Outcome.CREATED:
        yield gettext("fills: %(fields)s") % {"fields": ", ".join(filled)}
    yield from decision.notes


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
