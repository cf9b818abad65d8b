"""The triggers that keep the moderation log append-only."""

from typing import Any

from django.db import migrations

from films import triggers
from reviews.models.moderation import APPEND_ONLY


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(APPEND_ONLY, schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(APPEND_ONLY, schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_editors_and_moderators")]
    operations = [migrations.RunPython(install, remove)]
