"""Editors add, change and delete collections."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations


def allow(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    app = installed.get_app_config("films")
    app.models_module = app.models_module or True
    create_permissions(app, verbosity=0, using=alias, apps=apps)
    permission = apps.get_model("auth", "Permission").objects.using(alias)
    group, _made = (
        apps.get_model("auth", "Group").objects.using(alias).get_or_create(name="Editors")
    )
    group.permissions.add(
        *permission.filter(
            content_type__app_label="films",
            content_type__model__in=("collection", "collectionentry"),
        )
    )


class Migration(migrations.Migration):
    dependencies = [("films", "0004_collections"), ("reviews", "0007_moderators_may")]
    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
