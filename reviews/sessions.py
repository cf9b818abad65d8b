"""Sessions in the database, each with its member's number, as Django's documentation shows it."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from reviews.models.session import Session


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)  # type: ignore[assignment]
        session.member_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return session


def end_sessions(members: Any) -> int:
    """End the sessions of these members, given by their numbers; how many there were."""
    ended, _by_model = Session.objects.filter(member_id__in=members).delete()
    return ended
