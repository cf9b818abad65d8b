"""Forms turn what was typed into values. Film and member never come from a field."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import Member, Report, Review
from reviews.models.review import LONGEST_REVIEW
from reviews.models.vote import SCORES


def clean_text(text: str) -> str:
    """The text without control characters, its lines ended by `\\n` alone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) != "Cc")


# Marks that turn the direction of what follows them, beyond the text they stand in.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# Letters and signs that are blank: fillers of Hangul, the Braille cell without a dot, and others.
UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: spaces, marks without a width, and the like."""
    return all(unicodedata.category(c)[0] in "CZ" or c in UNSEEN for c in text)


class LongTextField(forms.CharField):
    """Text of many lines. Browsers send two characters for a line's end and count one."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(clean_text(str(value or ""))))


class LineField(forms.CharField):
    """Text of one line."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(clean_text(str(value or "")))).split())


class ReviewForm(forms.ModelForm):  # type: ignore[type-arg]  # a generic in the stubs alone
    """One's own review, and one's vote beside it where voting is open."""

    headline = LineField(label=_("Headline"), max_length=200, required=False)
    body = LongTextField(
        label=_("Review"),
        max_length=LONGEST_REVIEW,
        help_text=_(
            "Markdown: *emphasis*, **strong**, a line that starts with > is a quotation."
            " Write >!sealed text!< around what gives something away: readers open it themselves."
        ),
    )
    score = forms.TypedChoiceField(
        choices=[(str(score), str(score)) for score in SCORES],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("A vote is ½ to 5 stars.")},
    )

    class Meta:
        model = Review
        fields = ["headline", "body", "gives_away_ending"]
        labels = {"gives_away_ending": _("It gives away the ending")}

    def __init__(self, *args: Any, voting_is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not voting_is_open:
            del self.fields["score"]

    def clean_body(self) -> str:
        """Refuses what no reader can see: zero-width spaces, marks of direction and the like."""
        body: str = self.cleaned_data["body"]
        if is_blank(body):
            raise forms.ValidationError(self.fields["body"].error_messages["required"], "required")
        return body

    @property
    def chosen_score(self) -> int | None:
        """The score to draw as chosen: the one just sent, else the member's vote; or None."""
        value = str(self["score"].value() or "") if "score" in self.fields else ""
        return int(value) if value in {str(score) for score in SCORES} else None


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # a generic in the stubs alone
    """What is wrong with a review, for the moderators."""

    why = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=Report.Why.choices, widget=forms.RadioSelect
    )
    note = LongTextField(
        label=_("What should a moderator know?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Report
        fields = ["why", "note"]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # a generic in the stubs alone
    """Who one is to others, and what they see of what one does here."""

    display_name = LineField(
        label=_("Name"), max_length=60, required=False, help_text=_("Empty: your username.")
    )
    about = LongTextField(
        label=_("About you"),
        max_length=2_000,
        required=False,
        help_text=_("Markdown, at most 2,000 characters. It stands on your page."),
    )

    class Meta:
        model = Member
        fields = ["display_name", "about", "shows_votes", "shows_reviews", "shows_watchlist"]

    def clean_display_name(self) -> str:
        """Refuses a name that nobody can see. What turns the words around it is taken out."""
        name = "".join(c for c in self.cleaned_data["display_name"] if c not in TURNS)
        if name and is_blank(name):
            raise forms.ValidationError(_("This name cannot be seen. Write one with letters."))
        return name

    def save(self, commit: bool = True) -> Any:
        """Writes these fields alone: a moderator's word on the member meanwhile stands."""
        self.instance.save(update_fields=self.Meta.fields)
        return self.instance


class PasswordAgainForm(forms.Form):
    """The password once more, before what cannot be undone or shows all there is.

    Who has none (their account is another site's) types their username instead.
    """

    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    username = forms.CharField(label=_("Your username, to confirm"), max_length=30)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        del self.fields["username" if member.has_usable_password() else "password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.member.check_password(password):
            raise forms.ValidationError(_("This is not your password. Nothing was done."))
        return password

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username.lower() != self.member.username.lower():
            raise forms.ValidationError(_("This is not your username. Nothing was done."))
        return username
