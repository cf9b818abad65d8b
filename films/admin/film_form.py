"""The form of one film, and what is edited along with it in rows of its own."""

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Case, Max, QuerySet, When
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.admin.desk import NATIVE_FIELDS, without_popups
from films.admin.pictures import PictureForm
from films.importing.credits import NEW, CreditLine, People, add_credits, parse_credit_lines
from films.models import AlternativeTitle, Credit, Film, FilmCertificate, Genre, Person, Tagline
from films.models.people import Department

if TYPE_CHECKING:
    AnyTabularInline = admin.TabularInline[Any, Any]
    AnyFormSet = BaseInlineFormSet[Any, Any, Any]
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyTabularInline = admin.TabularInline
    AnyFormSet = BaseInlineFormSet
    AnyModelForm = forms.ModelForm

MOST_CREDIT_ROWS = 100  # more stand in a list of their own

# What js/desk-markdown.js makes a preview of: where to ask for it, and what its button says.
MARKDOWN = {
    "data-markdown": reverse_lazy("admin:films_film_markdown"),
    "data-markdown-button": _("Show as readers see it"),
}
BILLING = Case(*(When(department=name, then=n) for n, name in enumerate(Department.values)))


class FilmForm(PictureForm):
    """A film, its poster, and a box for cast and crew.

    Where the box names somebody whom several people are called, the form asks which, with a
    field for each such name, before anything is saved.
    """

    more_genres = forms.CharField(
        label=_("Other genres"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("New ones, with commas between them: Science fiction, Romance"),
    )
    new_credits = forms.CharField(
        label=_("Names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=_(
            "One a line, in billing order: “Carey Mulligan as Kathy” or “Mark Romanek, director”."
            " People whom the site does not know yet are made."
        ),
    )

    class Meta:
        widgets = {
            "genres": forms.CheckboxSelectMultiple,
            "synopsis": forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField", **MARKDOWN}),
            "essay": forms.Textarea(attrs={"rows": 16, "class": "vLargeTextField", **MARKDOWN}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[CreditLine] = []
        self.doubts: dict[str, CreditLine] = {}
        if "countries" in self.fields:
            # No "clear all": select2 would put its button between the items of a list.
            self.fields["countries"].widget.is_required = True
        if "genres" in self.fields and not Genre.objects.exists():
            self.fields["genres"].help_text = gettext("None yet: name the first ones below.")
        if "new_credits" in self.fields:
            self._ask_who_is_meant()

    def _ask_who_is_meant(self) -> None:
        try:
            self.lines = parse_credit_lines(self.data.get("new_credits", ""))
        except ValidationError:
            return  # clean_new_credits says so
        people = People(self.lines)
        doubtful = [
            line for who, line in people.lines.items() if len(people.found.get(who, ())) > 1
        ]
        for line in doubtful:
            name = f"meant_{sha256(repr(line.who).encode()).hexdigest()[:12]}"
            self.doubts[name] = line
            self.fields[name] = forms.ChoiceField(
                label=gettext("Which %(name)s?") % {"name": line.name},
                choices=[
                    *((person.slug, _told_apart(person)) for person in people.found[line.who]),
                    (NEW, gettext("Somebody else of that name")),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": _("Several people are called so. Choose one.")},
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        """The fields that ask which of several people is meant."""
        return [self[name] for name in self.doubts]

    def clean_more_genres(self) -> list[Genre]:
        """The genres named, those that the site does not have yet not saved."""
        names = [" ".join(name.split()) for name in self.cleaned_data["more_genres"].split(",")]
        genres = []
        for name in dict.fromkeys(filter(None, names)):
            genre = Genre.objects.filter(name__iexact=name).first()
            genres.append(genre or Genre(name=name, slug=slugify(name, allow_unicode=False)))
            if not genre:
                genres[-1].full_clean()
        return genres

    def clean_new_credits(self) -> str:
        text = self.cleaned_data["new_credits"]
        parse_credit_lines(text)
        return str(text)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        meant = {
            line.who: self.cleaned_data[name]
            for name, line in self.doubts.items()
            if self.cleaned_data.get(name)
        }
        self.lines = [
            replace(line, address=meant[line.who]) if line.who in meant else line
            for line in self.lines
        ]
        if len(meant) == len(self.doubts) and "new_credits" not in self.errors:
            for problem in People(self.lines).problems:
                self.add_error("new_credits", problem)
        return cleaned

    def save_what_is_added(self) -> None:
        """Once the film has its row: the genres and credits that its boxes name."""
        for genre in self.cleaned_data.get("more_genres", []):
            if not genre.pk:
                genre.save()
            self.instance.genres.add(genre)
        if self.lines:
            add_credits(self.instance, self.lines, People(self.lines))


def _told_apart(person: Person) -> str:
    """A person among others of the name: `Steve McQueen (born 1969): Shame (2011), Hunger`."""
    films = Film.objects.filter(credits__person=person).distinct().order_by("-year")[:3]
    known_for = ", ".join(str(film) for film in films)
    born = gettext(" (born %(year)d)") % {"year": person.born.year} if person.born else ""
    return f"{person.name}{born}: {known_for or gettext('no film yet')}"


# --- Rows ---------------------------------------------------------------------------------------


class RowForm(AnyModelForm):
    """A row of an inline. One that nobody changed is not asked about again, row by row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs.setdefault("aria-label", str(field.label or ""))

    def _post_clean(self) -> None:
        if not self.instance.pk or self.has_changed():
            super()._post_clean()  # type: ignore[misc]


class OrderedRowForm(RowForm):
    """A row with a position; one without gets the place after the last."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        position = self.fields["position"]
        position.required = False
        if not self.instance.pk:
            self.instance.position = self.initial["position"] = None

    def save(self, commit: bool = True) -> Any:
        if self.instance.position is None:
            last = self.siblings().aggregate(last=Max("position"))["last"]
            self.instance.position = 0 if last is None else last + 1
        return super().save(commit)

    def siblings(self) -> QuerySet[Any]:
        siblings: QuerySet[Any] = type(self.instance)._default_manager.filter(
            film=self.instance.film
        )
        return siblings


class KnownPerson(forms.Field):
    """The person of a credit that is stored: shown, not changed. Take the row away instead."""

    class Widget(forms.Widget):
        person: Person

        def render(
            self, name: str, value: Any, attrs: Any = None, renderer: Any = None
        ) -> SafeString:
            address = reverse("admin:films_person_change", args=[self.person.pk])
            return format_html('<a href="{}">{}</a>', address, self.person.name)

    def __init__(self, person: Person) -> None:
        super().__init__(label=_("person"), required=False, widget=self.Widget)
        self.widget.person = self.person = person

    def clean(self, value: Any) -> Person:
        return self.person

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class CreditForm(OrderedRowForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["person"] = KnownPerson(self.instance.person)

    def siblings(self) -> QuerySet[Any]:
        return super().siblings().filter(department=self.instance.department)


class RowFormSet(AnyFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = gettext("Delete this row")


class CreditFormSet(RowFormSet):
    def get_queryset(self) -> QuerySet[Any]:
        """The first rows by billing when they are shown; whatever comes back is accepted."""
        if not self.is_bound and not hasattr(self, "_queryset"):
            first = list(super().get_queryset()[:MOST_CREDIT_ROWS])
            self._queryset: Any = first
        return super().get_queryset()


class CertificateFormSet(RowFormSet):
    def clean(self) -> None:
        """One certificate a board, said beside the second."""
        super().clean()
        boards = set()
        for form in self.forms:
            certificate = form.cleaned_data.get("certificate") if form.is_valid() else None
            if certificate is None or form.cleaned_data.get("DELETE"):
                continue
            if certificate.board in boards:
                form.add_error(
                    "certificate", _("This film already has a certificate of that board.")
                )
            boards.add(certificate.board)


class Rows(AnyTabularInline):
    formfield_overrides = NATIVE_FIELDS
    template = "admin/films/film/_rows.html"
    extra = 1
    form = RowForm
    formset = RowFormSet

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return without_popups(super().formfield_for_dbfield(db_field, request, **kwargs))


class TaglineRows(Rows):
    model = Tagline
    form = OrderedRowForm
    fields = ["text", "position"]

    def get_extra(self, request: HttpRequest, obj: Film | None = None, **kwargs: Any) -> int:
        return 1 if obj else 2


class CertificateRows(Rows):
    model = FilmCertificate
    formset = CertificateFormSet
    fields = ["certificate", "advice"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("certificate")


class AlternativeTitleRows(Rows):
    model = AlternativeTitle
    fields = ["title", "country"]
    autocomplete_fields = ["country"]
    verbose_name_plural = _("other titles")


class CreditRows(Rows):
    model = Credit
    form = CreditForm
    formset = CreditFormSet
    fields = ["person", "department", "job", "character", "position"]
    autocomplete_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("person")
        return rows.order_by(BILLING, "position", "pk")
