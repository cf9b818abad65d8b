"""The triggers that keep the audience score."""

from django.db import migrations

from reviews import tally


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunPython(tally.install, tally.remove)]
