"""Which films are alike, and why."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("films", "0004_collections")]
    operations = [
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("shared", models.JSONField(default=dict, verbose_name="what they share")),
                (
                    "film",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alike",
                        to="films.film",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="films.film",
                    ),
                ),
            ],
            options={
                "verbose_name": "film that is alike",
                "verbose_name_plural": "films that are alike",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("film", "position"), name="one_alike_film_a_position"
                    ),
                    models.UniqueConstraint(fields=("film", "other"), name="alike_once"),
                    models.CheckConstraint(
                        condition=models.Q(("film", models.F("other")), _negated=True),
                        name="no_film_is_like_itself",
                    ),
                ],
            },
        ),
    ]
