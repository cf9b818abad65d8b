"""The groups Editors and Moderators, with what each may do in the admin."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITORS_OWN = [
    "film",
    "tagline",
    "alternativetitle",
    "filmcertificate",
    "credit",
    "person",
    "genre",
    "certificate",
    "page",
]
EDITORS = [
    f"{verb}_{model}" for model in EDITORS_OWN for verb in ("add", "change", "delete", "view")
]
EDITORS += ["view_country", "view_filmslug"]
MODERATORS = ["view_vote", "change_vote", "view_review", "change_review", "view_moderationact"]


def make_groups(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    for label in ("films", "reviews"):  # permissions are otherwise made after all migrations
        app = installed.get_app_config(label)
        app.models_module = app.models_module or True
        create_permissions(app, verbosity=0, using=alias, apps=apps)
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in (("Editors", EDITORS), ("Moderators", MODERATORS)):
        made, _ = group.objects.using(alias).get_or_create(name=name)
        found = permission.objects.using(alias).filter(
            content_type__app_label__in=("films", "reviews"), codename__in=codenames
        )
        made.permissions.set(found)


class Migration(migrations.Migration):
    dependencies = [
        ("films", "0003_countries_and_certificates"),
        ("reviews", "0002_tally"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
