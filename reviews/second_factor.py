"""The second step of signing in: codes of an authenticator app, and recovery codes.

django-allauth has the pages and counts the tries; here is what it leaves to the site: keys that a
stolen database does not give away, codes that are good once, and whom the desk lets in.
"""

import base64
import re
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from reviews import limits
from reviews.models import Member

PERIOD = 30  # seconds a code is shown, by RFC 6238
GOOD_FOR = PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)  # seconds a code is taken


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code. The app shows a new one every 30 seconds."),
        "unverified_email": _("Verify the addresses of your account first."),
    }

    def get_totp_label(self, user: Member) -> str:
        """What the app calls this account: the username, which is public, not the address."""
        return user.username

    def build_totp_svg(self, url: str) -> str:
        """Nothing: the page draws the code itself (`qr_code`), which needs no data: address."""
        return ""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "Second steps were stored under another SECRET_KEY. Put that one into"
                " SECRET_KEY_FALLBACKS, or take members' second steps away at the desk."
            ) from error


def _box() -> MultiFernet:
    """What shuts with SECRET_KEY, and opens with it or with one of the keys before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        salted_hmac("reviews.second_factor", "", secret=key, algorithm="sha256").digest()
        for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class LimitedForm:
    """Too many wrong codes are answered with 429, as too many wrong passwords are."""

    fields: dict[str, Any]
    user: Member

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(inputmode="numeric", maxlength=20)

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError as error:
            if error.code in {"too_many_login_attempts", "rate_limited"}:
                counted = f"mfa-auth-user-{self.user.pk}"
                wait = limits.account_wait(context.request, "login_failed", counted)
                raise ImmediateHttpResponse(limits.refuse(context.request, wait)) from error
            raise


class OneTimeForm(LimitedForm):
    """A code of the app is good once, for as long as it is taken at all."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            used = f"second-step:{self.user.pk}:{re.sub(r'[^0-9]', '', code)}"
            if not cache.add(used, True, timeout=GOOD_FOR):
                raise ValidationError(_("This code was used already. Wait for the next one."))
        return code


class SignInForm(OneTimeForm, AuthenticateForm):  # type: ignore[misc]
    pass


class AgainForm(OneTimeForm, ReauthenticateForm):  # type: ignore[misc]
    pass


class SetUpForm(LimitedForm, ActivateTOTPForm):  # type: ignore[misc]
    pass


def is_enough(request: HttpRequest) -> bool:
    """Whether a member of the staff may work at the desk in this session.

    With STAFF_SECOND_FACTOR, only after a second step that was given in this session and that its
    member still has. One query a request, none without the setting.
    """
    if not settings.STAFF_SECOND_FACTOR:
        return True
    known = vars(request)
    if "second_step_given" not in known:
        records = get_authentication_records(request, request.user)
        given = [record.get("id") for record in records if record.get("method") == "mfa"]
        known["second_step_given"] = bool(given) and _of(request.user, pk__in=given).exists()
    return bool(known["second_step_given"])


def ask(request: HttpRequest, wanted: str) -> HttpResponse:
    """Lead to where the second step is given, or set up by who has none; then on to `wanted`."""
    if _of(request.user).exists():
        asked = urlencode({"for": "desk", "next": wanted})
        return redirect(f"{reverse('mfa_reauthenticate')}?{asked}")
    return redirect(f"{reverse('mfa_index')}?for=desk")


def _of(member: Any, **which: Any) -> QuerySet[Authenticator]:
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=member.pk, **which)
    return found
