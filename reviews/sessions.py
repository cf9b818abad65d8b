"""Sessions in the database, each with its member's number, as Django's documentation shows it."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.http import base36_to_int

from reviews.models.session import Session


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        session.member_id = _member_in(data)
        return session


def _member_in(data: dict[str, Any]) -> int | None:
    """The number of the member that a session speaks of: signed in, or on the way to it.

    Between password and code a session names its member, too, and so does one in which somebody
    typed a member's address (which leads nowhere, and looks as if it did).
    """
    stage, code = data.get("account_login") or {}, data.get("account_email_verification_code") or {}
    number = (
        data.get(SESSION_KEY)
        or data.get("account_authentication_methods_user")
        or code.get("user_id")
        or (stage.get("user_pk") and base36_to_int(stage["user_pk"]))
    )
    if number:
        return int(number)
    typed = EmailAddress.objects.filter(email__iexact=stage.get("email") or code.get("email"))
    return typed.values_list("user_id", flat=True).first() if stage or code else None


def end_sessions(members: Any) -> int:
    """End the sessions of these members, given by their numbers; how many there were."""
    ended, _by_model = Session.objects.filter(member_id__in=members).delete()
    return ended
