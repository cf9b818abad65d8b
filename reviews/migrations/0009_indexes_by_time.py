"""Votes of a film by day and by latest change, and members by the day they came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes remake no table, so the triggers stay as they are.
    dependencies = [("reviews", "0008_editors_may_collect")]
    operations = [
        migrations.RemoveIndex(model_name="vote", name="vote_tally"),
        migrations.AddIndex(
            model_name="vote",
            index=models.Index(fields=["film", "status", "score", "cast_at"], name="vote_tally"),
        ),
        migrations.AddIndex(
            model_name="vote",
            index=models.Index(fields=["film", "changed_at"], name="vote_latest"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["date_joined"], name="member_joined"),
        ),
    ]
