"""How accounts work here, where django-allauth leaves it to the site."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as AccountSignupForm
from allauth.account.views import SignupView
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from reviews import limits, mail
from reviews.models import Member

NOT_SENT = _("The mail could not be sent just now. Try again in a few minutes.")
LONGEST_PASSWORD = 128  # characters; hashing a longer one only costs time


class SignupForm(AccountSignupForm):  # type: ignore[misc]
    """With a field that people do not see: who fills it in is a robot."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bait = self.fields[settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD]
        bait.label = _("Leave this empty")
        bait.widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})

    def try_save(self, request: HttpRequest) -> tuple[Member | None, HttpResponse | None]:
        """Store the member. A robot gets the answer that everybody gets, and no account."""
        if self.cleaned_data.pop(settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD):
            if settings.ACCOUNT_EMAIL_VERIFICATION == "none":
                return None, redirect(settings.LOGIN_REDIRECT_URL)
            request.is_by_robot = self.account_already_exists = True  # type: ignore[attr-defined]
        self.cleaned_data[settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD] = ""
        saved: tuple[Member | None, HttpResponse | None] = super().try_save(request)
        return saved


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _("This is not the code. Look at the latest mail again."),
        "username_taken": _("This username is taken."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may sign up: the setting SIGNUP_OPEN."""
        return bool(settings.SIGNUP_OPEN)

    def clean_password(self, password: str, user: Member | None = None) -> str:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                _("A password has at most %(longest)d characters."),
                params={"longest": LONGEST_PASSWORD},
            )
        return str(super().clean_password(password, user))

    def save_user(
        self, request: HttpRequest, user: Member, form: BaseForm, commit: bool = True
    ) -> Member:
        """Store a new member. Two who asked for one name at once: the second is told so."""
        super().save_user(request, user, form, commit=False)
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            form.add_error("username", self.validation_error("username_taken"))
            page = SignupView()
            page.setup(request)
            raise ImmediateHttpResponse(page.form_invalid(form)) from error
        return user

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Member | None:
        """Who has these credentials. An address is not tried as a username as well.

        Else a wrong password would be hashed twice for an address that exists, and once for one
        that does not: the time would tell.
        """
        if credentials.get("username") == credentials.get("email"):
            credentials.pop("username", None)
        member: Member | None = super().authenticate(request, **credentials)
        return member

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse with 429 whoever failed to sign in too often, by address or by name there."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            wait = limits.account_wait(request, "login_failed", key)
            raise ImmediateHttpResponse(limits.refuse(request, wait)) from error

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """A name's failures count by address: nobody's lock its owner out elsewhere."""
        name = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{name}:{limits.client_address(request)}"

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        """Tell who knew the password that the account is suspended, and why."""
        page = {"because": user.suspended_because}
        return render(request, "account/account_inactive.html", page, status=403)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Take as long as a sign-up with a new address, which hashes a password.

        What a robot's sign-up led to is not told to the address that it typed.
        """
        make_password(email)
        if not getattr(self.request, "is_by_robot", False):
            super().send_account_already_exists_mail(email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails lead to SITE_URL, whatever host the request asked for.

        Where the mail server fails, the page goes on and says so, whoever asked and for whatever
        address.
        """
        links = {name: _on_site(url) for name, url in context.items() if name.endswith("_url")}
        letter = mail.write(template_prefix, email, {"email": email, **context, **links})
        if not mail.deliver([letter]):
            messages.error(self.request, NOT_SENT)


def _on_site(address: str) -> str:
    parts = urlsplit(address)
    return settings.SITE_URL + parts._replace(scheme="", netloc="").geturl()
