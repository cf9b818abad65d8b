"""How far the votes of a film lie apart, for the chart of the most divisive; votes in indexes."""

from functools import reduce
from operator import add

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import NullIf

from reviews import tally

MILLION = Value(10**6)
VOTES = reduce(add, (F(f"n{score}") for score in range(1, 11)))
POINTS = reduce(add, (F(f"n{score}") * Value(score) for score in range(1, 11)))
SQUARES = reduce(add, (F(f"n{score}") * Value(score**2) for score in range(1, 11)))
DEVIATION = SQUARES * MILLION - POINTS * (POINTS * MILLION / NullIf(VOTES, Value(0)))


class Migration(migrations.Migration):
    dependencies = [("films", "0008_search"), ("reviews", "0010_lists_by_index")]
    operations = [
        # SQLite remakes the table, which the triggers on votes write to.
        migrations.RunPython(tally.remove, tally.install),
        migrations.AddField(
            model_name="audiencescore",
            name="spread_rank",
            field=models.GeneratedField(
                expression=DEVIATION / (VOTES + Value(25)),
                output_field=models.PositiveBigIntegerField(null=True),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            model_name="audiencescore",
            index=models.Index(fields=["-spread_rank", "film", "votes"], name="score_spread"),
        ),
        migrations.RemoveIndex(model_name="audiencescore", name="score_rank"),
        migrations.AddIndex(
            model_name="audiencescore",
            index=models.Index(fields=["-rank", "film", "votes"], name="score_rank"),
        ),
        migrations.RunPython(tally.install, tally.remove),
    ]
