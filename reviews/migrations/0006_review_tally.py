"""The triggers that keep the reviews' tally and earlier texts, and the tally of reviews there are."""

from typing import Any

from django.db import migrations

from reviews import review_tally


def recount(apps: Any, schema_editor: Any) -> None:
    review_tally.recount(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0005_what_members_say_grows")]
    operations = [
        migrations.RunPython(review_tally.install, review_tally.remove),
        migrations.RunPython(recount, migrations.RunPython.noop),
    ]
