"""Django's `flush`, which empties the whole database: the moderation log goes with the rest.

The log's triggers refuse every other deletion, so they step aside for the length of this command.
The tests that need real transactions empty their database by it too.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from films import triggers
from reviews.models.moderation import APPEND_ONLY


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        triggers.remove(APPEND_ONLY, connection)
        try:
            super().handle(**options)
        finally:
            triggers.install(APPEND_ONLY, connection)
