"""Triggers: rules that the database itself carries out, on SQLite and on PostgreSQL.

Each app lists its own (`films.slug_history`, `reviews.tally`) and registers the list here. A
migration creates them; because SQLite drops a table's triggers when a later migration remakes the
table, every `migrate` ends by making the missing ones again, and a system check looks for them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate


@dataclass(frozen=True)
class Trigger:
    """One trigger: its name, its table, and its body as each database wants it.

    `writes_to` names another table that must be there first, where a later migration makes it.
    `event` is what stands between the name and the body in CREATE TRIGGER. On PostgreSQL the
    body is PL/pgSQL and becomes a function of the trigger's name.
    """

    name: str
    table: str
    sqlite: str = ""
    postgresql_event: str = ""
    postgresql: str = ""
    writes_to: str = ""

    def create(self, connection: BaseDatabaseWrapper) -> None:
        """Make the trigger anew, whatever stands under its name."""
        with connection.cursor() as cursor:
            for statement in self._statements(connection.vendor):
                cursor.execute(statement)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {self.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {self.name}()")

    def exists_on(self, vendor: str) -> bool:
        """Whether this database needs the trigger: TRUNCATE, for one, is PostgreSQL's alone."""
        return bool(self.sqlite if vendor == "sqlite" else self.postgresql)

    def _statements(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return [
                f"DROP TRIGGER IF EXISTS {self.name}",
                f"CREATE TRIGGER {self.name} {self.sqlite}",
            ]
        function = f"$body$ BEGIN {self.postgresql} RETURN NULL; END $body$ LANGUAGE plpgsql"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger AS {function}",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} {self.postgresql_event} EXECUTE FUNCTION {self.name}()",
        ]


@dataclass(frozen=True)
class Keeper:
    """An app's triggers, and what to do for the time in which one of them was missing."""

    triggers: tuple[Trigger, ...]
    mend: Callable[[BaseDatabaseWrapper], Any] | None = None
    hint: str = "Run manage.py migrate."


keepers: dict[str, tuple[Keeper, ...]] = {}


def install(triggers: Iterable[Trigger], connection: BaseDatabaseWrapper) -> None:
    for trigger in triggers:
        if trigger.exists_on(connection.vendor):
            trigger.create(connection)


def remove(triggers: Iterable[Trigger], connection: BaseDatabaseWrapper) -> None:
    for trigger in triggers:
        if trigger.exists_on(connection.vendor):
            trigger.drop(connection)


def missing(triggers: Iterable[Trigger], connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should be in the database and are not, or are switched off.

    Empty where all is well, and for a trigger whose tables do not exist yet.
    """
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        present = {name for (name,) in cursor.fetchall()}
    return [
        trigger.name
        for trigger in triggers
        if trigger.exists_on(connection.vendor)
        and tables.issuperset({trigger.table, trigger.writes_to or trigger.table})
        and trigger.name not in present
    ]


def register(app: str, *kept: Keeper) -> None:
    """Keep an app's triggers: made again after each migrate, looked for by the system check."""
    keepers[app] = kept
    post_migrate.connect(
        _reinstall, sender=apps.get_app_config(app), dispatch_uid=f"{app} triggers"
    )


def _reinstall(sender: AppConfig, using: str, **kwargs: Any) -> None:
    connection = connections[using]
    for keeper in keepers[sender.label]:
        if missing(keeper.triggers, connection):
            install(keeper.triggers, connection)
            if keeper.mend:
                keeper.mend(connection)


@checks.register(checks.Tags.database)
def triggers_present(
    app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """films.E001 for each trigger that is missing from a database that has its table."""
    return [
        checks.Error(f"The trigger {name} is missing.", hint=keeper.hint, id="films.E001")
        for alias in databases or ()
        for kept in keepers.values()
        for keeper in kept
        for name in missing(keeper.triggers, connections[alias])
    ]
