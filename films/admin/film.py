"""The editors' desk for films: the list with its actions, the form's page, and what saving does."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from films import posters
from films.admin.desk import Moment, names_of
from films.admin.film_form import (
    MOST_CREDIT_ROWS,
    AlternativeTitleRows,
    CertificateRows,
    CreditRows,
    FilmForm,
    TaglineRows,
)
from films.admin.importing import ImportFilms
from films.admin.pictures import PictureAdmin
from films.models import Film
from films.models.film import LONGEST_TEXT, published_now
from films.text import render_markdown

if TYPE_CHECKING:
    Choices = Iterable[tuple[str, Any]]

OTHERS = ("votes", "reviews")  # what members gave a film: not an editor's to delete


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> "Choices":
        return [
            ("draft", _("draft")),
            ("scheduled", _("scheduled")),
            ("published", _("published")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "draft": Q(published_at__isnull=True),
            "scheduled": Q(published_at__gt=timezone.now()),
            "published": published_now(),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class DecadeFilter(admin.SimpleListFilter):
    title = _("decade")
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> "Choices":
        years = Film.objects.exclude(year=None).order_by("-year").values_list("year", flat=True)
        decades = dict.fromkeys(year // 10 * 10 for year in years.distinct() if year)
        return [(str(decade), f"{decade}–{decade + 9}") for decade in decades]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        decade = self.value() or ""
        if not (decade.isascii() and decade.isdigit() and len(decade) == 4):
            return queryset
        return queryset.filter(year__range=(int(decade), int(decade) + 9))


class LastWithoutVotes(F):
    """A column to sort by, in which films without a row stand last, up and down."""

    def asc(self, **kwargs: Any) -> Any:
        return super().asc(nulls_last=True)

    def desc(self, **kwargs: Any) -> Any:
        return super().desc(nulls_last=True)


class ScheduleForm(forms.Form):
    moment = forms.DateTimeField(
        label=_("Readers see the films from"),
        widget=Moment,
        help_text=_("Day and time in the site's time zone."),
    )

    def clean_moment(self) -> datetime:
        moment: datetime = self.cleaned_data["moment"]
        if moment <= timezone.now():
            raise forms.ValidationError(_("This moment has passed. Choose one to come."))
        return moment


def missing_parts(film: Film) -> list[str]:
    """What a film's page still lacks, in an editor's words; empty where nothing does."""
    have = {
        _("a synopsis"): film.synopsis,
        _("a runtime"): film.runtime,
        _("a release date or year"): film.known_year,
        _("a description of the poster"): film.poster_alt or not film.poster,
        _("a tagline"): film.taglines.exists(),
        _("a certificate"): film.certificates.exists(),
        _("cast and crew"): film.credits.exists(),
        _("a genre"): film.genres.exists(),
    }
    return [str(part) for part, value in have.items() if not value]


@admin.register(Film)
class FilmAdmin(ImportFilms, PictureAdmin):
    form = FilmForm
    picture_field = "poster"
    inlines = [TaglineRows, CertificateRows, CreditRows, AlternativeTitleRows]
    autocomplete_fields = ["countries"]
    list_display = ["thumbnail", "title", "year", "state", "score"]
    list_display_links = ["title"]
    list_filter = [StateFilter, "genres", DecadeFilter]
    list_select_related = ["audience_score"]
    ordering = ["-pk"]
    search_fields = ["title", "original_title", "alternative_titles__title", "people__name"]
    search_help_text = _("A title or a person's name")
    actions = ["publish", "unpublish", "schedule"]
    fieldsets = (
        (
            _("The film"),
            {
                "fields": (
                    "title",
                    "original_title",
                    ("release_date", "release_year"),
                    "runtime",
                    "genres",
                    "more_genres",
                )
            },
        ),
        (_("Poster"), {"fields": ("picture_file", "poster_alt", "remove_picture")}),
        (_("Synopsis"), {"fields": ("synopsis",)}),
        (_("Add cast and crew"), {"fields": ("new_credits",)}),
        (
            _("Essay"),
            {"fields": ("essay_headline", "essay_byline", "essay", "essay_reveals_ending")},
        ),
        (
            _("Details"),
            {
                "fields": (
                    "original_language",
                    "countries",
                    "trailer_url",
                    "website",
                    ("imdb_id", "tmdb_id"),
                )
            },
        ),
        (
            _("Publishing"),
            {"fields": ("published_at", "voting_opens_on", "featured_from", "slug")},
        ),
    )

    # --- The list -------------------------------------------------------------------------------

    @admin.display(description=_("poster"))
    def thumbnail(self, film: Film) -> SafeString:
        return render_to_string("admin/films/film/_thumbnail.html", {"film": film})

    @admin.display(description=_("year"), ordering=LastWithoutVotes("year"))
    def year(self, film: Film) -> int | None:
        return film.known_year

    @admin.display(description=_("state"), ordering="published_at")
    def state(self, film: Film) -> str:
        if film.is_scheduled:
            return gettext("scheduled: %(moment)s") % {"moment": _moment_text(film.published_at)}
        return gettext("published") if film.is_published else gettext("draft")

    @admin.display(
        description=_("audience score"), ordering=LastWithoutVotes("audience_score__rank")
    )
    def score(self, film: Film) -> str | None:
        score = getattr(film, "audience_score", None)
        if score is None or not score.votes:
            return None
        counted = ngettext("%(votes)d vote", "%(votes)d votes", score.votes)
        counted %= {"votes": score.votes}
        return f"{score.percent_text} %, {counted}" if score.is_shown else counted

    @admin.action(description=_("Publish now"), permissions=["change"])
    def publish(self, request: HttpRequest, films: QuerySet[Any]) -> None:
        now = _this_minute()
        waiting = films.filter(Q(published_at=None) | Q(published_at__gt=timezone.now()))
        n = self._set_moment(request, waiting, now, "Published.")
        said = ngettext("Readers see %(n)d film more.", "Readers see %(n)d films more.", n)
        self.message_user(request, said % {"n": n}, messages.SUCCESS)

    @admin.action(description=_("Unpublish: make a draft"), permissions=["change"])
    def unpublish(self, request: HttpRequest, films: QuerySet[Any]) -> None:
        n = self._set_moment(request, films.exclude(published_at=None), None, "Unpublished.")
        said = ngettext("%(n)d film is a draft now.", "%(n)d films are drafts now.", n)
        self.message_user(request, said % {"n": n}, messages.SUCCESS)

    @admin.action(description=_("Schedule …"), permissions=["change"])
    def schedule(self, request: HttpRequest, films: QuerySet[Any]) -> HttpResponse | None:
        """Asks on a page of its own from which moment on readers see the films."""
        waiting = films.exclude(pk__in=Film.objects.published().values("pk"))
        form = ScheduleForm(request.POST if "moment" in request.POST else None)
        if form.is_valid():
            moment = form.cleaned_data["moment"]
            n = self._set_moment(request, waiting, moment, "Scheduled.")
            said = ngettext(
                "%(n)d film is scheduled for %(moment)s",
                "%(n)d films are scheduled for %(moment)s",
                n,
            )
            said %= {"n": n, "moment": _moment_text(moment)}
            self.message_user(request, said, messages.SUCCESS)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Schedule films"),
            "opts": self.opts,
            "form": form,
            "films": list(waiting[:50]),
            "count": waiting.count(),
            "live_count": films.count() - waiting.count(),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/films/film/schedule.html", context)

    def _set_moment(
        self, request: HttpRequest, films: QuerySet[Any], moment: datetime | None, note: str
    ) -> int:
        """Write `published_at` of many films and note it in their history; how many."""
        with transaction.atomic():
            numbers = list(films.order_by("pk").values_list("pk", flat=True))
            chosen = Film.objects.filter(pk__in=numbers)
            chosen.update(published_at=moment, changed_at=timezone.now())
            LogEntry.objects.log_actions(request.user.pk or 0, chosen, CHANGE, change_message=note)
        return len(numbers)

    # --- The form -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        markdown = self.admin_site.admin_view(require_POST(self.markdown_view))
        return [path("markdown/", markdown, name="films_film_markdown"), *super().get_urls()]

    def markdown_view(self, request: HttpRequest) -> HttpResponse:
        """A text as the film page will show it: for the preview under a Markdown field."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return HttpResponse(render_markdown(request.POST.get("text", "")[:LONGEST_TEXT]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        film = kwargs.get("obj")
        form = context["adminform"].form
        context["sections"] = _sections(context["adminform"], context["inline_admin_formsets"])
        context["kept_picture"] = form.keep_picture() if isinstance(form, FilmForm) else {}
        context["credit_count"] = film.credits.count() if film else 0
        context["most_credit_rows"] = MOST_CREDIT_ROWS
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Film, form: Any, change: bool) -> None:
        """Save the row with the moment that the button asks for, then its poster."""
        if "_draft" in request.POST:
            obj.published_at = None
        elif "_now" in request.POST or ("_publish" in request.POST and not obj.published_at):
            obj.published_at = _this_minute()
        super().save_model(request, obj, form, change)
        if form.picture:
            posters.store(obj, form.picture)
        elif form.cleaned_data.get("remove_picture"):
            posters.remove(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_what_is_added()

    def response_add(
        self, request: HttpRequest, obj: Film, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._after_saving(request, obj)

    def response_change(self, request: HttpRequest, obj: Film) -> HttpResponse:
        return self._after_saving(request, obj)

    def _after_saving(self, request: HttpRequest, film: Film) -> HttpResponse:
        """Back to the film's form, which says what readers see; or to its page, or a new film."""
        if "_preview" in request.POST:
            return HttpResponseRedirect(film.get_absolute_url())
        self.message_user(request, _saved_text(film), messages.SUCCESS)
        if missing := missing_parts(film):
            said = gettext("“%(film)s” still lacks: %(parts)s.")
            said %= {"film": film, "parts": ", ".join(missing)}
            self.message_user(request, said, messages.WARNING)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(reverse("admin:films_film_add"))
        return HttpResponseRedirect(reverse("admin:films_film_change", args=[film.pk]))

    # --- Deleting -------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Film | None = None) -> bool:
        """An editor unpublishes a film that has votes or reviews; deleting it is a superuser's."""
        allowed = super().has_delete_permission(request, obj)
        if not allowed or obj is None or request.user.is_superuser:
            return allowed
        return not any(getattr(obj, kind).exists() for kind in OTHERS)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        films, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if not request.user.is_superuser:
            for relation in self._relations():
                lacking |= {
                    f"{n} {name}"
                    for name, n in counts.items()
                    if relation.get_accessor_name() in OTHERS and name in names_of(relation)
                }
        return films, counts, lacking, protected

    def delete_model(self, request: HttpRequest, obj: Film) -> None:
        self.delete_queryset(request, Film.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Lock films and reviews first: a vote or a mark made meanwhile waits, then finds none."""
        with transaction.atomic():
            films = list(queryset.order_by("pk").select_for_update(of=("self",)))
            for film in films:
                list(film.reviews.select_for_update().order_by("pk").values_list("pk", flat=True))
                film.votes.all().delete()  # before the tallies of reviews, as whoever votes
            posters.delete_files_of(films)
            Film.objects.filter(pk__in=[film.pk for film in films]).delete()


def _sections(adminform: Any, inlines: Any) -> list[dict[str, Any]]:
    """Fieldsets and rows in the order editors work, each with the template that prints it."""
    rows = {inline.opts.model._meta.model_name: inline for inline in inlines}
    after = {2: ["tagline", "filmcertificate"], 3: ["credit"], 5: ["alternativetitle"]}
    special = {1: "admin/films/film/_poster.html", 3: "admin/films/film/_credits.html"}
    sections: list[dict[str, Any]] = []
    for n, fieldset in enumerate(adminform):
        template = special.get(n, "admin/includes/fieldset.html")
        sections.append({"template": template, "fieldset": fieldset, "number": n})
        for name in after.get(n, []):
            if name in rows:
                inline = rows[name]
                sections.append({"template": inline.opts.template, "inline": inline})
    return sections


def _this_minute() -> datetime:
    """Now, as exactly as the form's field for a moment can say it."""
    return timezone.now().replace(second=0, microsecond=0)


def _moment_text(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""


def _saved_text(film: Film) -> str:
    if film.is_published:
        said = gettext("Saved. Readers can see “{film}” on {link}.")
        link = format_html('<a href="{}">{}</a>', film.get_absolute_url(), gettext("its page"))
        return format_html(said, film=film, link=link)
    if film.is_scheduled:
        return gettext("Saved. Readers cannot see “%(film)s” yet. Scheduled for %(moment)s") % {
            "film": film,
            "moment": _moment_text(film.published_at),
        }
    return gettext("Saved as a draft. Readers cannot see “%(film)s”.") % {"film": film}
