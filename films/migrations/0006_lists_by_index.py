"""Indexes that answer the lists' orders and filters alone; what they replace went to the table."""

from django.db import migrations, models


def index(name: str, *fields: str) -> migrations.AddIndex:
    return migrations.AddIndex("film", models.Index(fields=fields, name=name))


class Migration(migrations.Migration):
    dependencies = [("films", "0005_likeness")]
    operations = [
        *(
            migrations.RemoveIndex("film", name)
            for name in ("film_newest", "film_title", "film_language", "film_year")
        ),
        index("film_newest", "-published_at", "-id", "year", "original_language", "runtime"),
        index("film_title", "title", "id", "published_at"),
        index("film_language", "original_language", "year", "runtime", "published_at"),
        index("film_year", "year", "runtime", "published_at"),
        index("film_runtime", "runtime", "published_at"),
    ]
