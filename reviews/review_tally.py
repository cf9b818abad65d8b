"""Triggers on reviews: their tally, their earlier texts, and nobody finding their own helpful.

`ReviewTally` has one row a review: how many found it helpful, and its author's score, so that a
film's ten thousand reviews are sorted and filtered by an index. As with the audience score, every
door keeps it right. On PostgreSQL whoever deletes a review or a member locks its row first, and
the tallies of films come before those of reviews: then nobody waits for each other for ever.
"""

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from films import triggers
from films.triggers import Trigger

_OWN = "Nobody finds their own review helpful."

TALLY = (
    Trigger(
        name="reviews_review_insert",
        table="reviews_review",
        sqlite="""AFTER INSERT ON reviews_review BEGIN
            INSERT INTO reviews_reviewtally (review_id, film_id, is_published, helpful, score)
            VALUES (NEW.id, NEW.film_id, NEW.status = 'published', 0,
                (SELECT score FROM reviews_vote
                 WHERE film_id = NEW.film_id AND member_id = NEW.author_id));
        END""",
        # A vote of the author's under way is waited for, or waits: neither misses the other.
        postgresql_event="AFTER INSERT ON reviews_review FOR EACH ROW",
        postgresql="""
            PERFORM 1 FROM films_film WHERE id = NEW.film_id FOR KEY SHARE;
            PERFORM 1 FROM reviews_member WHERE id = NEW.author_id FOR UPDATE;
            PERFORM 1 FROM reviews_vote
                WHERE film_id = NEW.film_id AND member_id = NEW.author_id FOR SHARE;
            INSERT INTO reviews_reviewtally (review_id, film_id, is_published, helpful, score)
            VALUES (NEW.id, NEW.film_id, NEW.status = 'published', 0,
                (SELECT score FROM reviews_vote
                 WHERE film_id = NEW.film_id AND member_id = NEW.author_id));
        """,
    ),
    Trigger(
        name="reviews_review_update",
        table="reviews_review",
        sqlite="""AFTER UPDATE OF status, film_id, author_id ON reviews_review BEGIN
            UPDATE reviews_reviewtally SET film_id = NEW.film_id,
                is_published = (NEW.status = 'published'),
                score = (SELECT score FROM reviews_vote
                         WHERE film_id = NEW.film_id AND member_id = NEW.author_id)
            WHERE review_id = NEW.id;
        END""",
        postgresql_event=(
            "AFTER UPDATE OF status, film_id, author_id ON reviews_review FOR EACH ROW"
        ),
        postgresql="""
            UPDATE reviews_reviewtally SET film_id = NEW.film_id,
                is_published = (NEW.status = 'published'),
                score = (SELECT score FROM reviews_vote
                         WHERE film_id = NEW.film_id AND member_id = NEW.author_id)
            WHERE review_id = NEW.id;
        """,
    ),
    Trigger(
        name="reviews_review_delete",
        table="reviews_review",
        sqlite="""AFTER DELETE ON reviews_review BEGIN
            DELETE FROM reviews_reviewtally WHERE review_id = OLD.id;
        END""",
        postgresql_event="AFTER DELETE ON reviews_review FOR EACH ROW",
        postgresql="DELETE FROM reviews_reviewtally WHERE review_id = OLD.id;",
    ),
    Trigger(
        name="reviews_helpful_own",
        table="reviews_helpful",
        sqlite=f"""BEFORE INSERT ON reviews_helpful BEGIN
            SELECT RAISE(ABORT, '{_OWN}') FROM reviews_review
            WHERE id = NEW.review_id AND author_id = NEW.member_id;
        END""",
        postgresql_event="AFTER INSERT OR UPDATE ON reviews_helpful FOR EACH ROW",
        postgresql=f"""
            IF EXISTS (SELECT 1 FROM reviews_review
                       WHERE id = NEW.review_id AND author_id = NEW.member_id) THEN
                RAISE EXCEPTION '{_OWN}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        """,
    ),
    Trigger(
        name="reviews_helpful_update",
        table="reviews_helpful",
        sqlite="""BEFORE UPDATE OF review_id, member_id ON reviews_helpful BEGIN
            SELECT RAISE(ABORT, 'A helpful mark is made and taken back, never changed.');
        END""",
        postgresql_event=(
            "BEFORE UPDATE OF review_id, member_id ON reviews_helpful FOR EACH STATEMENT"
        ),
        postgresql="""RAISE EXCEPTION 'A helpful mark is made and taken back, never changed.'
            USING ERRCODE = 'integrity_constraint_violation';""",
    ),
    Trigger(
        name="reviews_helpful_insert",
        table="reviews_helpful",
        sqlite="""AFTER INSERT ON reviews_helpful BEGIN
            UPDATE reviews_reviewtally SET helpful = helpful + 1 WHERE review_id = NEW.review_id;
        END""",
        postgresql_event=(
            "AFTER INSERT ON reviews_helpful REFERENCING NEW TABLE AS marks FOR EACH STATEMENT"
        ),
        postgresql="""
            PERFORM 1 FROM reviews_member WHERE id IN (SELECT member_id FROM marks)
                ORDER BY id FOR KEY SHARE;
            PERFORM 1 FROM reviews_review WHERE id IN (SELECT review_id FROM marks)
                ORDER BY id FOR KEY SHARE;
            PERFORM 1 FROM reviews_reviewtally WHERE review_id IN (SELECT review_id FROM marks)
                ORDER BY review_id FOR UPDATE;
            UPDATE reviews_reviewtally AS tally SET helpful = tally.helpful + made.n
                FROM (SELECT review_id, COUNT(*) AS n FROM marks GROUP BY review_id) AS made
                WHERE tally.review_id = made.review_id;
        """,
    ),
    Trigger(
        name="reviews_helpful_delete",
        table="reviews_helpful",
        sqlite="""AFTER DELETE ON reviews_helpful BEGIN
            UPDATE reviews_reviewtally SET helpful = helpful - 1 WHERE review_id = OLD.review_id;
        END""",
        postgresql_event=(
            "AFTER DELETE ON reviews_helpful REFERENCING OLD TABLE AS marks FOR EACH STATEMENT"
        ),
        postgresql="""
            PERFORM 1 FROM reviews_reviewtally WHERE review_id IN (SELECT review_id FROM marks)
                ORDER BY review_id FOR UPDATE;
            UPDATE reviews_reviewtally AS tally SET helpful = tally.helpful - gone.n
                FROM (SELECT review_id, COUNT(*) AS n FROM marks GROUP BY review_id) AS gone
                WHERE tally.review_id = gone.review_id;
        """,
    ),
    Trigger(
        name="reviews_vote_of_author_insert",
        table="reviews_vote",
        sqlite="""AFTER INSERT ON reviews_vote BEGIN
            UPDATE reviews_reviewtally SET score = NEW.score WHERE review_id =
                (SELECT id FROM reviews_review
                 WHERE film_id = NEW.film_id AND author_id = NEW.member_id);
        END""",
        postgresql_event=(
            "AFTER INSERT ON reviews_vote REFERENCING NEW TABLE AS votes FOR EACH STATEMENT"
        ),
        postgresql="""
            UPDATE reviews_reviewtally AS tally SET score = votes.score FROM votes
                JOIN reviews_review AS review
                ON review.film_id = votes.film_id AND review.author_id = votes.member_id
                WHERE tally.review_id = review.id;
        """,
    ),
    Trigger(
        name="reviews_vote_of_author_update",
        table="reviews_vote",
        sqlite="""AFTER UPDATE OF score, film_id, member_id ON reviews_vote
            WHEN OLD.score <> NEW.score OR OLD.film_id <> NEW.film_id
                OR OLD.member_id <> NEW.member_id BEGIN
            UPDATE reviews_reviewtally SET score = NULL WHERE review_id =
                (SELECT id FROM reviews_review
                 WHERE film_id = OLD.film_id AND author_id = OLD.member_id);
            UPDATE reviews_reviewtally SET score = NEW.score WHERE review_id =
                (SELECT id FROM reviews_review
                 WHERE film_id = NEW.film_id AND author_id = NEW.member_id);
        END""",
        postgresql_event=(
            "AFTER UPDATE ON reviews_vote"
            " REFERENCING OLD TABLE AS old_votes NEW TABLE AS votes FOR EACH STATEMENT"
        ),
        postgresql="""
            UPDATE reviews_reviewtally AS tally SET score = NULL FROM old_votes
                JOIN reviews_review AS review
                ON review.film_id = old_votes.film_id AND review.author_id = old_votes.member_id
                WHERE tally.review_id = review.id AND NOT EXISTS (SELECT 1 FROM votes
                    WHERE votes.film_id = review.film_id AND votes.member_id = review.author_id);
            UPDATE reviews_reviewtally AS tally SET score = votes.score FROM votes
                JOIN reviews_review AS review
                ON review.film_id = votes.film_id AND review.author_id = votes.member_id
                WHERE tally.review_id = review.id AND tally.score IS DISTINCT FROM votes.score;
        """,
    ),
    Trigger(
        name="reviews_vote_of_author_delete",
        table="reviews_vote",
        sqlite="""AFTER DELETE ON reviews_vote BEGIN
            UPDATE reviews_reviewtally SET score = NULL WHERE review_id =
                (SELECT id FROM reviews_review
                 WHERE film_id = OLD.film_id AND author_id = OLD.member_id);
        END""",
        postgresql_event=(
            "AFTER DELETE ON reviews_vote REFERENCING OLD TABLE AS votes FOR EACH STATEMENT"
        ),
        postgresql="""
            UPDATE reviews_reviewtally AS tally SET score = NULL FROM votes
                JOIN reviews_review AS review
                ON review.film_id = votes.film_id AND review.author_id = votes.member_id
                WHERE tally.review_id = review.id;
        """,
    ),
)

_KEPT = """INSERT INTO reviews_reviewrevision
    (review_id, headline, body, gives_away_ending, written_at)
    VALUES (OLD.id, OLD.headline, OLD.body, OLD.gives_away_ending,
        COALESCE(OLD.edited_at, OLD.written_at));"""

# No text of a review is lost to an edit, by whatever door.
REVISIONS = (
    Trigger(
        name="reviews_review_text",
        table="reviews_review",
        sqlite=f"""AFTER UPDATE OF headline, body, gives_away_ending ON reviews_review
            WHEN OLD.headline <> NEW.headline OR OLD.body <> NEW.body
                OR OLD.gives_away_ending <> NEW.gives_away_ending
            BEGIN {_KEPT} END""",
        postgresql_event="""AFTER UPDATE OF headline, body, gives_away_ending ON reviews_review
            FOR EACH ROW WHEN (OLD.headline <> NEW.headline OR OLD.body <> NEW.body
                OR OLD.gives_away_ending <> NEW.gives_away_ending)""",
        postgresql=_KEPT,
    ),
)

TRIGGERS = TALLY + REVISIONS


def install(apps: Any, schema_editor: Any) -> None:
    """For migrations: make the triggers."""
    triggers.install(TRIGGERS, schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    """For migrations: drop the triggers, before a table of theirs is remade."""
    triggers.remove(TRIGGERS, schema_editor.connection)


_REAL = """SELECT review.id AS review_id, review.film_id,
        review.status = 'published' AS is_published,
        (SELECT COUNT(*) FROM reviews_helpful AS mark WHERE mark.review_id = review.id) AS helpful,
        vote.score AS score
    FROM reviews_review AS review LEFT JOIN reviews_vote AS vote
        ON vote.film_id = review.film_id AND vote.member_id = review.author_id"""
_DIFFERS = """tally.review_id IS NULL OR tally.film_id <> real.film_id
    OR tally.is_published <> real.is_published OR tally.helpful <> real.helpful
    OR COALESCE(tally.score, 0) <> COALESCE(real.score, 0)"""


def differences(connection: BaseDatabaseWrapper) -> list[int]:
    """The numbers of reviews whose tally is not what votes and helpful marks say."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT real.review_id FROM ({_REAL}) AS real LEFT JOIN reviews_reviewtally AS tally"
            f" ON tally.review_id = real.review_id WHERE {_DIFFERS} ORDER BY 1"
        )
        return [number for (number,) in cursor.fetchall()]


def recount(connection: BaseDatabaseWrapper) -> int:
    """Write every tally that is wrong anew; how many were. Holds new votes and marks off."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for table in ("reviews_review", "reviews_vote", "reviews_helpful"):
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        wrong = differences(connection)
        for number in wrong:
            cursor.execute("DELETE FROM reviews_reviewtally WHERE review_id = %s", [number])
            cursor.execute(
                "INSERT INTO reviews_reviewtally (review_id, film_id, is_published, helpful, score)"
                " SELECT review_id, film_id, is_published, helpful, score"
                f" FROM ({_REAL}) AS real WHERE review_id = %s",
                [number],
            )
    return len(wrong)


def missing(using: str = "default") -> list[str]:
    """The names of these triggers that the database lacks; empty where all is well."""
    return triggers.missing(TRIGGERS, connections[using])


KEEPER = triggers.Keeper(
    TRIGGERS, mend=recount, hint="Run manage.py recount_scores --fix: it makes it and recounts."
)
