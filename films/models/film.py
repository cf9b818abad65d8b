"""The film, and what belongs to one film alone: earlier slugs, taglines, other titles.

Votes, score and reviews are the `reviews` app's; they are reached from here through
`film.votes`, `film.audience_score` and `film.reviews`, without an import.
"""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from films.languages import language_choices, language_name
from films.models.classification import Country, Genre
from films.models.facts import Facts, facts_of
from films.models.people import Person
from films.slugs import address, free_slug, make_slug

LONGEST_TEXT = 50_000  # characters of a synopsis or an essay
CARD_FIELDS = ["title", "slug", "year", "release_date", "release_year", "original_language"]
CARD_FIELDS += ["published_at"]
CARD_FIELDS += ["poster", "poster_alt", "poster_width", "poster_height", "poster_colour"]


class YearOf(models.Func):
    """The year of a date column, in SQL that a generated column may hold on both databases."""

    template = "EXTRACT(YEAR FROM (%(expressions)s)::date)::smallint"
    output_field = models.PositiveSmallIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(SUBSTR(%(expressions)s, 1, 4) AS integer)", **extra
        )


def published_now(film: str = "") -> models.Q:
    """The one condition under which everybody may read a film: published, and not in time to come.

    `film` is the field that leads to the film, where other rows are asked for.
    """
    field = f"{film}__published_at" if film else "published_at"
    return models.Q((f"{field}__lte", timezone.now()))


class FilmQuerySet(models.QuerySet["Film"]):
    def published(self) -> Self:
        """Films that everybody may read now: published, and not at a later moment."""
        return self.filter(published_now())

    def visible_to(self, reader: AbstractUser | AnonymousUser) -> Self:
        """Films this reader may read: the published ones, and all for who may edit films."""
        return self.all() if may_edit_films(reader) else self.published()

    def by_rank(self) -> Self:
        """Best first by the audience score's `rank`; films without votes last, by title."""
        return self._by_score("rank")

    def by_votes(self) -> Self:
        """Most votes first; films without votes last, by title."""
        return self._by_score("votes")

    def _by_score(self, column: str) -> Self:
        """By a column of the audience score, those alike in it as they came to the site."""
        voted = models.Q(audience_score__votes__gt=0)
        score = models.Case(models.When(voted, then=models.F(f"audience_score__{column}")))
        title = models.Case(models.When(voted, then=models.Value("")), default=models.F("title"))
        return self.order_by(score.desc(nulls_last=True), title, "pk")

    def by_title(self) -> Self:
        return self.order_by("title", "pk")

    def newest(self) -> Self:
        """The film published last first."""
        return self.order_by("-published_at", "-pk")

    def on_watchlist_of(self, member: AbstractUser) -> Self:
        """The published films that this member wants to see, the one added last first."""
        wanted = self.published().filter(watchlist_entries__member=member)
        return wanted.order_by("-watchlist_entries__added_at", "-watchlist_entries__pk")

    def of_genre(self, slug: str) -> Self:
        links = Film.genres.through.objects.filter(film=models.OuterRef("pk"), genre__slug=slug)
        return self.filter(models.Exists(links))

    def for_cards(self, *columns: str) -> Self:
        """With what a list shows of a film: title, year, poster, score. No long texts.

        `columns` are those of the score that are wanted besides votes, percent and rank.
        """
        columns = ("votes", "percent", "rank", *columns)
        return self.select_related("audience_score").only(
            *CARD_FIELDS, *(f"audience_score__{name}" for name in columns)
        )

    def for_page(self, reader: AbstractUser | AnonymousUser) -> Self:
        """With the score and, for a member, `own_vote` and `own_review` (or None) and
        `is_on_watchlist`, and with `review_count`, the number of its published reviews. One query.
        """
        reviews: Any = self.model._meta.get_field("reviews").related_model
        found = self.select_related("audience_score").annotate(
            review_count=reviews.objects.number_published(models.OuterRef("pk"))
        )
        if not reader.is_authenticated:
            return found
        watchlist: Any = self.model._meta.get_field("watchlist_entries").related_model
        kept = watchlist.objects.filter(film=models.OuterRef("pk"), member=reader)
        return found.annotate(
            own_vote=models.FilteredRelation("votes", condition=models.Q(votes__member=reader)),
            own_review=models.FilteredRelation(
                "reviews", condition=models.Q(reviews__author=reader)
            ),
            is_on_watchlist=models.Exists(kept),
        ).select_related("audience_score", "own_vote", "own_review")


def may_edit_films(reader: AbstractUser | AnonymousUser) -> bool:
    """Whether this person may see drafts and edit films. Asks no query for who is not staff."""
    return bool(getattr(reader, "is_staff", False)) and reader.has_perm("films.change_film")


def on_watchlist(reader: Any, films: Iterable["Film"]) -> frozenset[int] | None:
    """The numbers of those films that this reader wants to see; None for a stranger, who has no
    list to put them on. One query.
    """
    if not reader.is_authenticated:
        return None
    numbers = [film.pk for film in films]
    return frozenset(reader.watchlist.filter(film__in=numbers).values_list("film_id", flat=True))


class Film(models.Model):
    """One released work. Draft while `published_at` is empty, scheduled while it is to come."""

    title = models.CharField(
        _("title"), max_length=200, help_text=_("As your readers know it: Never Let Me Go")
    )
    original_title = models.CharField(
        _("original title"),
        max_length=200,
        blank=True,
        help_text=_("In its own language and script, where it differs: 生きる"),
    )
    slug = models.SlugField(
        _("address"),
        max_length=140,
        unique=True,
        blank=True,
        help_text=_("Made from title and year: never-let-me-go-2010. An old one leads here."),
    )
    runtime = models.PositiveSmallIntegerField(
        _("runtime"), null=True, blank=True, help_text=_("Whole minutes: 104")
    )
    release_date = models.DateField(
        _("release date"), null=True, blank=True, help_text=_("The first public showing.")
    )
    release_year = models.PositiveSmallIntegerField(
        _("release year"),
        null=True,
        blank=True,
        help_text=_("Only where the day is not known: 1927"),
    )
    year = models.GeneratedField(
        expression=Coalesce(YearOf("release_date"), "release_year"),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )
    genres = models.ManyToManyField(
        Genre, blank=True, related_name="films", verbose_name=_("genres")
    )
    synopsis = models.TextField(
        _("synopsis"),
        max_length=LONGEST_TEXT,
        blank=True,
        help_text=_("The story in short, safe to read before seeing the film. Markdown."),
    )
    essay = models.TextField(
        _("essay"),
        max_length=LONGEST_TEXT,
        blank=True,
        help_text=_("The long piece about the film. Markdown; >!sealed text!< is asked for first."),
    )
    essay_headline = models.CharField(
        _("essay headline"),
        max_length=200,
        blank=True,
        help_text=_("Empty: “About” and the title."),
    )
    essay_byline = models.CharField(
        _("essay byline"), max_length=120, blank=True, help_text=_("Who wrote it: Ada Reiss")
    )
    essay_reveals_ending = models.BooleanField(
        _("the essay reveals the ending"),
        default=False,
        help_text=_("Readers then open it themselves."),
    )
    poster = models.FileField(_("poster"), max_length=200, blank=True, editable=False)
    poster_alt = models.CharField(
        _("poster description"),
        max_length=300,
        blank=True,
        help_text=_("What the poster shows, for who cannot see it: A girl on a pier at dusk"),
    )
    poster_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    poster_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    poster_colour = models.CharField(max_length=7, blank=True, editable=False)
    original_language = models.CharField(
        _("original language"), max_length=3, blank=True, choices=language_choices
    )
    countries = models.ManyToManyField(
        Country, blank=True, related_name="films", verbose_name=_("countries")
    )
    trailer_url = models.URLField(
        _("trailer"),
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
        help_text=_("Where the trailer can be seen; readers follow a link."),
    )
    website = models.URLField(
        _("website"), max_length=500, blank=True, validators=[URLValidator(["http", "https"])]
    )
    imdb_id = models.CharField(
        _("IMDb number"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^tt\d{7,10}\Z", _("An IMDb number looks like tt1334260."))],
        help_text=_("tt1334260"),
    )
    tmdb_id = models.PositiveIntegerField(_("TMDB number"), null=True, blank=True)
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Empty: a draft. To come: readers see it from that moment on."),
    )
    voting_opens_on = models.DateField(
        _("voting opens on"),
        null=True,
        blank=True,
        help_text=_("Nobody can vote before this day. Empty: open as soon as published."),
    )
    featured_from = models.DateTimeField(
        _("featured from"),
        null=True,
        blank=True,
        help_text=_("The film featured latest leads the home page from that moment on."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    people = models.ManyToManyField(Person, through="films.Credit", related_name="films")

    objects = FilmQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("film")
        verbose_name_plural = _("films")
        indexes = [
            # Lists and their filters are answered by these, without a look at the table.
            models.Index(
                fields=["-published_at", "-id", "year", "original_language", "runtime"],
                name="film_newest",
            ),
            models.Index(fields=["title", "id", "published_at"], name="film_title"),
            models.Index(
                fields=["original_language", "year", "runtime", "published_at"],
                name="film_language",
            ),
            models.Index(fields=["year", "runtime", "published_at"], name="film_year"),
            models.Index(fields=["runtime", "published_at"], name="film_runtime"),
            models.Index(fields=["-featured_from"], name="film_featured"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title=""),
                name="film_has_a_title",
                violation_error_message=_("A film needs a title."),
            ),
            models.CheckConstraint(
                condition=models.Q(runtime__isnull=True) | models.Q(runtime__gte=1),
                name="film_runtime_is_a_length",
                violation_error_message=_(
                    "A runtime is 1 minute or more; leave it empty if unknown."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(release_year__isnull=True)
                | models.Q(release_year__range=(1870, 2200)),
                name="film_year_is_possible",
                violation_error_message=_("A release year lies between 1870 and 2200."),
            ),
            models.CheckConstraint(
                condition=models.Q(release_date__isnull=True)
                | models.Q(release_year__isnull=True)
                | models.Q(release_year=YearOf("release_date")),
                name="film_year_agrees_with_date",
                violation_error_message=_("The release year is not the year of the release date."),
            ),
            models.UniqueConstraint(
                fields=["imdb_id"],
                condition=~models.Q(imdb_id=""),
                name="film_imdb_id_is_unique",
                violation_error_message=_("Another film has this IMDb number."),
            ),
            models.UniqueConstraint(
                fields=["tmdb_id"],
                name="film_tmdb_id_is_unique",
                violation_error_message=_("Another film has this TMDB number."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.known_year})" if self.known_year else self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(
                make_slug(self.title, "film", self.known_year),
                lambda slug: (
                    Film.objects.filter(slug=slug).exists()
                    or FilmSlug.objects.filter(slug=slug).exists()
                ),
            )
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return address("films:film", self.slug)

    @property
    def known_year(self) -> int | None:
        """The release year, from the date or alone; None where neither is known.

        The same as the column `year`, also for a film that is not saved yet.
        """
        return self.release_date.year if self.release_date else self.release_year

    @property
    def caption(self) -> str:
        """What stands under the title in lists: `2010 · 68.53%`, or what is known of that."""
        parts = [str(self.known_year or "")]
        score = getattr(self, "audience_score", None)
        if score and score.is_shown:
            parts.append(f"{score.percent_text}%")
        return " · ".join(filter(None, parts))

    @property
    def runtime_text(self) -> str:
        """The runtime as all pages write it: `1hr 44min`, `2hr`, `45min`; empty if unknown."""
        hours, minutes = divmod(self.runtime or 0, 60)
        parts = []
        if hours:
            parts.append(gettext("%(hours)dhr") % {"hours": hours})
        if minutes:
            parts.append(gettext("%(minutes)dmin") % {"minutes": minutes})
        return " ".join(parts)

    def facts(self) -> Facts:
        """Taglines, certificates, genres, countries and other titles; one query."""
        return facts_of(self)

    @property
    def language(self) -> str:
        """The original language's name; empty if unknown."""
        return language_name(self.original_language)

    @property
    def imdb_url(self) -> str:
        """The film's page at IMDb; empty without its number."""
        return f"https://www.imdb.com/title/{self.imdb_id}/" if self.imdb_id else ""

    @property
    def essay_title(self) -> str:
        return self.essay_headline or gettext("About %(title)s") % {"title": self.title}

    @property
    def is_published(self) -> bool:
        """Whether everybody may read the film now; the one-film form of `published()`."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_scheduled(self) -> bool:
        return self.published_at is not None and not self.is_published

    @property
    def voting_is_open(self) -> bool:
        """Whether the day has come (in the site's time zone) from which members may vote."""
        return self.voting_opens_on is None or self.voting_opens_on <= timezone.localdate()


class FilmSlug(models.Model):
    """An earlier slug of a film, answered with 301. Written by the database (`films.slugs`)."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="earlier_slugs")
    slug = models.SlugField(max_length=140, unique=True)

    class Meta:
        verbose_name = _("earlier address")
        verbose_name_plural = _("earlier addresses")

    def __str__(self) -> str:
        return self.slug


class Tagline(models.Model):
    """A poster line. The first by position leads the film page."""

    film = models.ForeignKey(Film, models.CASCADE, related_name="taglines", db_index=False)
    text = models.CharField(_("text"), max_length=500)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("0 comes first and leads the page.")
    )

    class Meta:
        ordering = ["film", "position", "pk"]
        verbose_name = _("tagline")
        verbose_name_plural = _("taglines")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "text"],
                name="one_tagline_a_text",
                violation_error_message=_("This film has that tagline already."),
            )
        ]

    def __str__(self) -> str:
        return self.text


class AlternativeTitle(models.Model):
    """Another title of the film, and where it is called so."""

    film = models.ForeignKey(
        Film, models.CASCADE, related_name="alternative_titles", db_index=False
    )
    title = models.CharField(_("title"), max_length=200)
    country = models.ForeignKey(
        Country, models.SET_NULL, null=True, blank=True, verbose_name=_("country")
    )

    class Meta:
        ordering = ["film", "title"]
        verbose_name = _("other title")
        verbose_name_plural = _("other titles")
        constraints = [
            models.UniqueConstraint(
                fields=["film", "title"],
                name="one_row_a_title",
                violation_error_message=_("This film has that title already."),
            )
        ]

    def __str__(self) -> str:
        return self.title
