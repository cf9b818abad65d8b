"""The trigger that remembers a film's earlier slugs."""

from typing import Any

from django.db import migrations

from films import slugs, triggers


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install([slugs.HISTORY], schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove([slugs.HISTORY], schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("films", "0001_initial")]
    operations = [migrations.RunPython(install, remove, elidable=False)]
