"""The text index of titles, taglines and names, the triggers that keep it, and what it is now."""

from django.db import migrations

from films.search import index


class Migration(migrations.Migration):
    dependencies = [("films", "0007_ages_of_mild_certificates")]
    operations = [
        migrations.RunPython(index.create, index.drop),
        migrations.RunPython(index.install, index.remove),
        migrations.RunPython(index.fill, migrations.RunPython.noop),
    ]
