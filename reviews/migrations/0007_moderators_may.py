"""What moderators may do since there are reports, alerts, holds and suspensions."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

CODENAMES = [f"{verb}_{model}" for model in ("report", "alert") for verb in ("view", "change")]
CODENAMES += ["view_newcomerhold", "change_newcomerhold", "suspend_member"]


def allow(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    app = installed.get_app_config("reviews")
    app.models_module = app.models_module or True
    create_permissions(app, verbosity=0, using=alias, apps=apps)
    permission = apps.get_model("auth", "Permission").objects.using(alias)
    group, _made = (
        apps.get_model("auth", "Group").objects.using(alias).get_or_create(name="Moderators")
    )
    group.permissions.add(
        *permission.filter(content_type__app_label="reviews", codename__in=CODENAMES)
    )


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_review_tally")]
    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
