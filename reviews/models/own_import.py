"""What a member brought from elsewhere, so that the whole of it can be taken back."""

from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from reviews.models.member import Member
from reviews.models.moderation import AT_ONCE
from reviews.models.responses import WatchlistEntry
from reviews.models.review import Review
from reviews.models.vote import Vote

Made = set[tuple[str, int]]  # of what kind, on which film


def in_words(votes: int, reviews: int, films_to_see: int) -> str:
    """`12 votes, 3 reviews, 1 film to see`; what there is none of is left out; empty for none."""
    parts = (
        ngettext("%d vote", "%d votes", votes) % votes if votes else "",
        ngettext("%d review", "%d reviews", reviews) % reviews if reviews else "",
        ngettext("%d film to see", "%d films to see", films_to_see) % films_to_see
        if films_to_see
        else "",
    )
    return ", ".join(filter(None, parts))


@dataclass
class TakenBack:
    """What taking an import back removes, or removed, and how much of it stays, and why."""

    votes: list[Vote]
    reviews: list[Review]
    films_to_see: list[WatchlistEntry]
    votes_changed: int
    reviews_changed: int
    votes_set_aside: int

    @property
    def removed(self) -> str:
        """What goes, in words; empty where nothing does."""
        return in_words(len(self.votes), len(self.reviews), len(self.films_to_see))

    @property
    def changed(self) -> str:
        """What stays because the member changed it since, in words; empty where nothing does."""
        return in_words(self.votes_changed, self.reviews_changed, 0)

    @property
    def set_aside(self) -> str:
        """What stays because moderators set it aside, in words; empty where nothing does."""
        return in_words(self.votes_set_aside, 0, 0)


class OwnImportQuerySet(models.QuerySet["OwnImport"]):
    def with_counts(self) -> Self:
        """Each import with `votes`, `reviews` and `films_to_see`: how many of each it made."""
        counts = {
            "votes": OwnImportEntry.What.VOTE,
            "reviews": OwnImportEntry.What.REVIEW,
            "films_to_see": OwnImportEntry.What.WATCHLIST,
        }
        each = {
            name: Count("entries", filter=Q(entries__what=what)) for name, what in counts.items()
        }
        return self.annotate(**each).order_by("-made_at", "-pk")  # counting drops the order


class OwnImport(models.Model):
    """One file of votes, reviews and films to see that a member brought.

    The votes and films to see that it made are of the moment `made_at`, to the microsecond, until
    the member changes them; so they are known again. Its reviews are older than that, and not
    edited.
    """

    class Source(models.TextChoices):
        LETTERBOXD = "letterboxd", "Letterboxd"
        IMDB = "imdb", "IMDb"

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = OwnImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("import of one’s own")
        verbose_name_plural = _("imports of one’s own")

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {self.made_at:%Y-%m-%d}"

    @property
    def made(self) -> str:
        """What an import made that was loaded `with_counts`, in words."""
        return in_words(self.votes, self.reviews, self.films_to_see)  # type: ignore[attr-defined]

    def held(self) -> str:
        """What of it waits for a moderator, in words; empty where nothing does."""
        films = self.entries.filter(what=OwnImportEntry.What.REVIEW).values("film")
        votes = Vote.objects.filter(member=self.member_id, changed_at=self.made_at)
        reviews = Review.objects.filter(author=self.member_id, film__in=films)
        return in_words(
            votes.filter(status=Vote.Status.HELD).count(),
            reviews.filter(status=Review.Status.HELD).count(),
            0,
        )

    def look(self) -> TakenBack:
        """What taking this import back would do now."""
        made = self._made()
        votes, reviews = self._votes(made), self._reviews(made)
        as_cast = [vote for vote in votes if vote.changed_at == self.made_at]
        counted = [vote for vote in as_cast if not vote.is_set_aside]
        as_written = [review for review in reviews if review.edited_at is None]
        return TakenBack(
            votes=counted,
            reviews=as_written,
            films_to_see=self._films_to_see(made),
            votes_changed=len(votes) - len(as_cast),
            reviews_changed=len(reviews) - len(as_written),
            votes_set_aside=len(as_cast) - len(counted),
        )

    def take_back(self) -> TakenBack | None:
        """Remove what this import made and the member has not changed since; what that was.

        A vote that moderators set aside stays, as it does when its member withdraws it. None,
        and nothing changes, where it was taken back before or the member is deleted meanwhile.
        """
        with transaction.atomic():
            # The member first, as who deletes one: a second click waits, and finds it done.
            if not Member.objects.select_for_update(no_key=True).filter(pk=self.member_id):
                return None
            self.refresh_from_db(fields=["taken_back_at"])
            if self.taken_back_at:
                return None
            done = self.look()
            # As all who delete: reviews are locked first, and films' tallies come before theirs.
            done.reviews = _locked(Review.objects.filter(edited_at=None), done.reviews)
            as_cast = Vote.objects.counted().filter(changed_at=self.made_at)
            done.votes = _locked(as_cast, done.votes)
            for rows in (done.votes, done.reviews, done.films_to_see):
                _delete(rows)
            self.taken_back_at = timezone.now()
            self.save(update_fields=["taken_back_at"])
        return done

    def _made(self) -> Made:
        """Of what kind it made something on which film, and no later import did so again."""
        entries = OwnImportEntry.objects.filter(own_import__member=self.member_id)
        mine = entries.filter(own_import=self).values_list("what", "film_id")
        later = entries.filter(own_import__gt=self.pk).values_list("what", "film_id")
        return set(mine) - set(later)

    def _votes(self, made: Made) -> list[Vote]:
        """The member's votes on the films on which this import made one."""
        votes = Vote.objects.filter(member=self.member_id).only("film", "status", "changed_at")
        return _of(made, OwnImportEntry.What.VOTE, votes)

    def _reviews(self, made: Made) -> list[Review]:
        """The same of reviews; one that its author deleted and wrote anew is not among them."""
        reviews = Review.objects.filter(author=self.member_id, written_at__lte=self.made_at)
        return _of(made, OwnImportEntry.What.REVIEW, reviews.only("film", "edited_at"))

    def _films_to_see(self, made: Made) -> list[WatchlistEntry]:
        entries = WatchlistEntry.objects.filter(member=self.member_id, added_at=self.made_at)
        return _of(made, OwnImportEntry.What.WATCHLIST, entries)


class OwnImportEntry(models.Model):
    """A vote, review or film to see that an import made; not one that was there before."""

    class What(models.TextChoices):
        VOTE = "vote", _("vote")
        REVIEW = "review", _("review")
        WATCHLIST = "watchlist", _("film to see")

    own_import = models.ForeignKey(
        OwnImport, models.CASCADE, related_name="entries", db_index=False
    )
    film = models.ForeignKey("films.Film", models.CASCADE, related_name="+")
    what = models.CharField(_("what"), max_length=10, choices=What.choices)

    class Meta:
        verbose_name = _("imported entry")
        verbose_name_plural = _("imported entries")
        constraints = [
            models.UniqueConstraint(
                fields=["own_import", "film", "what"], name="one_entry_an_import_and_film"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}, film {self.film_id}"


def _of(made: Made, what: str, rows: Any) -> list[Any]:
    """The rows on whose film something of this kind was made."""
    return [row for row in rows.order_by("pk") if (what, row.film_id) in made]


def _locked(unchanged: Any, rows: list[Any]) -> list[Any]:
    """Lock these rows in the order of their ids; those that are still in `unchanged`."""
    numbers = [row.pk for row in rows]
    return [
        row
        for start in range(0, len(numbers), AT_ONCE)
        for row in unchanged.filter(pk__in=numbers[start : start + AT_ONCE])
        .only("film")
        .order_by("pk")
        .select_for_update(of=("self",))
    ]


def _delete(rows: list[Any]) -> None:
    """Delete these rows of one kind film by film, as their tallies are locked."""
    by_film = sorted(rows, key=lambda row: row.film_id)
    for start in range(0, len(by_film), AT_ONCE):
        some = by_film[start : start + AT_ONCE]
        type(some[0])._default_manager.filter(pk__in=[row.pk for row in some]).delete()
