"""The session, which knows whose it is: so a suspension or a deleted account ends it at once."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """Django's session with its member's number; None for a stranger's."""

    # A number and no foreign key: a sign-in that meets a deletion must not fail in the middle.
    member_id = models.BigIntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        from reviews.sessions import SessionStore

        return SessionStore
