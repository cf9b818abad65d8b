"""Earlier texts, helpful marks, reports, watchlists, alerts, imports, sessions, suspension."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from films import triggers
from reviews.models.moderation import APPEND_ONLY


def install(apps: Any, schema_editor: Any) -> None:
    triggers.install(APPEND_ONLY, schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    triggers.remove(APPEND_ONLY, schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("films", "0003_countries_and_certificates"),
        ("reviews", "0004_append_only_log"),
    ]

    operations = [
        migrations.RunPython(remove, install),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("burst", "many votes in an hour"),
                            ("drip", "new accounts over a day"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "end",
                    models.CharField(
                        choices=[("low", "lowest scores"), ("high", "highest scores")],
                        max_length=10,
                        verbose_name="end",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("votes", models.PositiveIntegerField(verbose_name="votes")),
                ("young", models.PositiveIntegerField(verbose_name="votes of young accounts")),
                ("at_end", models.PositiveIntegerField(verbose_name="votes at that end")),
                (
                    "raised_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="raised at"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("acted", "acted on"),
                            ("dismissed", "dismissed"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="moderator’s reason"),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ["-raised_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Helpful",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "found_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="found at"
                    ),
                ),
            ],
            options={
                "verbose_name": "helpful mark",
                "verbose_name_plural": "helpful marks",
            },
        ),
        migrations.CreateModel(
            name="NewcomerHold",
            fields=[
                (
                    "film",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="newcomer_hold",
                        serialize=False,
                        to="films.film",
                    ),
                ),
                (
                    "younger_than",
                    models.PositiveSmallIntegerField(
                        help_text="Days, 1 to 365.", verbose_name="accounts younger than"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(
                        help_text="The voter reads it beside their vote.",
                        max_length=300,
                        verbose_name="reason",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold on newcomers’ votes",
                "verbose_name_plural": "holds on newcomers’ votes",
            },
        ),
        migrations.CreateModel(
            name="OwnImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("letterboxd", "Letterboxd"), ("imdb", "IMDb")],
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at"),
                ),
                (
                    "taken_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken back at"),
                ),
            ],
            options={
                "verbose_name": "import of one’s own",
                "verbose_name_plural": "imports of one’s own",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="OwnImportEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("vote", "vote"),
                            ("review", "review"),
                            ("watchlist", "film to see"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported entry",
                "verbose_name_plural": "imported entries",
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("spoiler", "It gives away what happens"),
                            ("abuse", "It insults or threatens somebody"),
                            ("advert", "It advertises something"),
                            ("off_topic", "It is not about the film"),
                            ("copied", "It is somebody else’s text"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                        verbose_name="why",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="What a moderator should know.",
                        max_length=500,
                        verbose_name="note",
                    ),
                ),
                (
                    "reported_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="reported at"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("upheld", "upheld"),
                            ("dismissed", "dismissed"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="moderator’s reason"),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "ordering": ["reported_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ReviewRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("headline", models.CharField(blank=True, max_length=200, verbose_name="headline")),
                ("body", models.TextField(max_length=20000, verbose_name="review")),
                ("gives_away_ending", models.BooleanField(verbose_name="gives away the ending")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
            ],
            options={
                "verbose_name": "earlier text",
                "verbose_name_plural": "earlier texts",
                "ordering": ["-written_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ReviewTally",
            fields=[
                (
                    "review",
                    models.OneToOneField(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="tally",
                        serialize=False,
                        to="reviews.review",
                    ),
                ),
                ("is_published", models.BooleanField()),
                ("helpful", models.PositiveBigIntegerField(db_default=0, default=0)),
                ("score", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "verbose_name": "review tally",
                "verbose_name_plural": "review tallies",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("member_id", models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WatchlistEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "added_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="added at"
                    ),
                ),
            ],
            options={
                "verbose_name": "film to see",
                "verbose_name_plural": "films to see",
                "ordering": ["-added_at", "-pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="member",
            options={
                "ordering": ["username"],
                "permissions": [("suspend_member", "Can suspend members and let them in again")],
                "verbose_name": "member",
                "verbose_name_plural": "members",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="shows_reviews",
            field=models.BooleanField(
                default=True,
                help_text="The list of them, on your page. Under its film each review stays public.",
                verbose_name="show my reviews",
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="shows_votes",
            field=models.BooleanField(
                default=False,
                help_text="The list of them, on your page.",
                verbose_name="show my votes",
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="shows_watchlist",
            field=models.BooleanField(
                default=False, help_text="On your page.", verbose_name="show my watchlist"
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="suspended_because",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="A moderator's reason; empty for who may sign in.",
                max_length=300,
                verbose_name="suspended because",
            ),
        ),
        migrations.AlterField(
            model_name="moderationact",
            name="film_id",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="film"),
        ),
        migrations.AlterField(
            model_name="moderationact",
            name="what",
            field=models.CharField(
                choices=[
                    ("vote", "vote"),
                    ("review", "review"),
                    ("report", "report"),
                    ("member", "member"),
                    ("alert", "alert"),
                    ("newcomerhold", "hold on newcomers' votes"),
                ],
                max_length=20,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("suspended_because", ""), ("is_active", False), _connector="OR"
                ),
                name="suspended_member_is_not_active",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="film",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="alerts",
                to="films.film",
            ),
        ),
        migrations.AddField(
            model_name="helpful",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="helpful",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="helpful",
            name="review",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="helpful",
                to="reviews.review",
            ),
        ),
        migrations.AddConstraint(
            model_name="newcomerhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("younger_than__range", (1, 365))),
                name="newcomer_hold_is_1_to_365_days",
                violation_error_message="Write 1 to 365 days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="newcomerhold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="newcomer_hold_has_a_reason"
            ),
        ),
        migrations.AddField(
            model_name="ownimport",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="imports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ownimportentry",
            name="film",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="films.film"
            ),
        ),
        migrations.AddField(
            model_name="ownimportentry",
            name="own_import",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entries",
                to="reviews.ownimport",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="review",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="reviews.review",
            ),
        ),
        migrations.AddField(
            model_name="reviewrevision",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="reviews.review",
            ),
        ),
        migrations.AddField(
            model_name="reviewtally",
            name="film",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="films.film",
            ),
        ),
        migrations.AddField(
            model_name="watchlistentry",
            name="film",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="watchlist_entries",
                to="films.film",
            ),
        ),
        migrations.AddField(
            model_name="watchlistentry",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="watchlist",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["status", "-raised_at"], name="alert_waiting"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["film", "-raised_at"], name="alert_of_film"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("film",),
                name="one_open_alert_a_film",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("status", "open")),
                    models.Q(
                        ("status__in", ["acted", "dismissed"]),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="settled_alert_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="helpful",
            constraint=models.UniqueConstraint(
                fields=("review", "member"), name="helpful_once_a_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownimportentry",
            constraint=models.UniqueConstraint(
                fields=("own_import", "film", "what"), name="one_entry_an_import_and_film"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["status", "reported_at"], name="report_waiting"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                fields=("review", "member"),
                name="one_report_a_member_and_review",
                violation_error_message="You have reported this review already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("status", "open")),
                    models.Q(
                        ("status__in", ["upheld", "dismissed"]),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="settled_report_has_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewtally",
            index=models.Index(
                fields=["film", "is_published", "-helpful", "-review"], name="review_by_helpful"
            ),
        ),
        migrations.AddIndex(
            model_name="reviewtally",
            index=models.Index(
                fields=["film", "is_published", "-score", "-review"], name="review_by_score"
            ),
        ),
        migrations.AddIndex(
            model_name="watchlistentry",
            index=models.Index(fields=["member", "-added_at"], name="watchlist_latest"),
        ),
        migrations.AddConstraint(
            model_name="watchlistentry",
            constraint=models.UniqueConstraint(
                fields=("member", "film"), name="watchlist_has_a_film_once"
            ),
        ),
        migrations.RunPython(install, remove),
    ]
