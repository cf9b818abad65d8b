"""A picture in an admin form: checked and made anew before the form's transaction begins, and
kept for an hour while the editor mends other fields, since a browser never sends a file twice.
"""

from base64 import b64encode
from contextlib import suppress
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from films import posters
from films.admin.desk import DeskAdmin
from films.posters import Picture

if TYPE_CHECKING:
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelForm = forms.ModelForm

KEPT_FOR = 3600  # seconds


class PictureField(forms.FileField):
    """An uploaded picture; its clean value is a Picture."""

    widget = forms.FileInput(
        attrs={"accept": "image/jpeg,image/png,image/webp,image/avif", "data-picture": ""}
    )

    def to_python(self, data: Any) -> Any:
        upload = super().to_python(data)
        return _made_anew(upload) if upload else None


class PictureForm(AnyModelForm):
    """A form with a picture to upload or to take away. `picture` is what is to be stored."""

    picture_file = PictureField(
        label=_("Picture"), required=False, help_text=_("JPEG, PNG, WebP or AVIF, at most 10 MB.")
    )
    remove_picture = forms.BooleanField(label=_("Take the picture away"), required=False)

    picture: Picture | None = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.picture = self.cleaned_data.get("picture_file")
        kept = self.data.get("kept_picture", "")
        if not self.picture and "picture_file" not in self.errors and kept:
            self.picture = cache.get(_key(kept))
            if self.picture is None:
                self.add_error(
                    "picture_file", _("The picture was kept for an hour only. Choose it again.")
                )
        return cleaned

    def keep_picture(self) -> dict[str, str]:
        """Keep an accepted picture of a form that is shown again: `token`, and a `preview`.

        Empty where there is none.
        """
        if not self.is_bound or not self.picture:
            return {}
        token = token_urlsafe(24)
        cache.set(_key(token), self.picture, KEPT_FOR)
        small = b64encode(self.picture.files["150.webp"]).decode()
        return {"token": token, "preview": f"data:image/webp;base64,{small}"}


class PictureAdmin(DeskAdmin):
    """Films and people: models with one picture, in the field that `picture_field` names."""

    picture_field = ""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A picture can only be taken away where there is one."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj and getattr(obj, self.picture_field):
            return fieldsets
        return [
            (name, {"fields": [field for field in row["fields"] if field != "remove_picture"]})
            for name, row in fieldsets
        ]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What a failed save has written leaves the disk again."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        if self.has_change_permission(request) or self.has_add_permission(request):
            _make_anew(request)
        with posters.all_or_nothing():
            return super().changeform_view(request, *args, **kwargs)


def _make_anew(request: HttpRequest) -> None:
    """Decode what was uploaded, now: not later, while the database waits for the form."""
    upload = request.FILES.get("picture_file")
    with suppress(ValidationError):  # the form says so
        if upload:
            _made_anew(upload)


def _made_anew(upload: Any) -> Picture:
    """`posters.accept`, once for an upload."""
    if not hasattr(upload, "made_anew"):
        try:
            upload.made_anew = posters.accept(upload)
        except ValidationError as error:
            upload.made_anew = error
    if isinstance(upload.made_anew, ValidationError):
        raise upload.made_anew
    return cast("Picture", upload.made_anew)


def _key(token: str) -> str:
    return f"picture:{token[:64]}"
