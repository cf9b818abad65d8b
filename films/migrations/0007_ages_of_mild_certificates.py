"""A certificate that admits everybody has the minimum age 0; empty now means unknown."""

from typing import Any

from django.db import migrations, models

FOR_EVERYBODY = {"MPA": ["G", "PG"], "BBFC": ["U", "PG"], "ACB": ["G", "PG"], "Eirin": ["G"]}


def admit(apps: Any, schema_editor: Any) -> None:
    certificates = apps.get_model("films", "Certificate").objects
    for board, labels in FOR_EVERYBODY.items():
        certificates.filter(board=board, label__in=labels, minimum_age=None).update(minimum_age=0)


class Migration(migrations.Migration):
    dependencies = [("films", "0006_lists_by_index")]
    operations = [
        migrations.AlterField(
            model_name="certificate",
            name="minimum_age",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="0: for everybody. Empty: unknown, and suitable for no age.",
                null=True,
                verbose_name="minimum age",
            ),
        ),
        migrations.RunPython(admit, migrations.RunPython.noop),
    ]
