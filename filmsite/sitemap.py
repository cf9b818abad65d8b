"""The sitemap: an index of files, each with at most 10,000 addresses of one kind.

Django's own counts all rows and skips to a page by OFFSET, which takes seconds at a million
films. Here a file holds a range of numbers, so the last costs what the first does, and none but
the index looks further.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from films.models import Collection, Credit, Film, Genre, Page, Person
from films.models.film import published_now
from films.slugs import address
from reviews.models import Review
from reviews.views.charts import CHARTS

NUMBERS_A_FILE = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# An address of the site, and when what stands there was changed, where that is known.
Place = tuple[str, datetime | None]


@dataclass(frozen=True)
class Section:
    """One kind of page: what is published of it, and each row's address."""

    published: Callable[[], QuerySet[Any]]
    fields: tuple[str, ...]
    place: Callable[..., Place]

    def files(self) -> Iterator[int]:
        """Which ranges of numbers hold anything; one short query a range."""
        following = self.published().order_by("pk").values_list("pk", flat=True)
        number = following.first()
        while number is not None:
            file = number // NUMBERS_A_FILE
            yield file
            number = following.filter(pk__gte=(file + 1) * NUMBERS_A_FILE).first()

    def places(self, file: int) -> list[Place]:
        start = file * NUMBERS_A_FILE
        rows = self.published().filter(pk__gte=start, pk__lt=start + NUMBERS_A_FILE)
        return [self.place(*row) for row in rows.order_by("pk").values_list(*self.fields)]


def _people() -> QuerySet[Person]:
    """Those with a film that everybody may read."""
    shown = Credit.objects.filter(published_now("film"), person=OuterRef("pk"))
    return Person.objects.filter(Exists(shown))


def _genres() -> QuerySet[Genre]:
    links = Film.genres.through.objects.filter(published_now("film"), genre=OuterRef("pk"))
    return Genre.objects.filter(Exists(links))


SECTIONS = {
    "films": Section(
        Film.objects.published,
        ("slug", "changed_at"),
        lambda slug, changed_at: (address("films:film", slug), changed_at),
    ),
    "people": Section(_people, ("slug",), lambda slug: (address("films:person", slug), None)),
    "genres": Section(_genres, ("slug",), lambda slug: (address("films:genre", slug), None)),
    "collections": Section(
        Collection.objects.published,
        ("slug", "changed_at"),
        lambda slug, changed_at: (address("films:collection", slug), changed_at),
    ),
    "reviews": Section(
        Review.objects.published,
        ("pk", "written_at", "edited_at"),
        lambda pk, written_at, edited_at: (
            reverse("reviews:review", args=[pk]),
            edited_at or written_at,
        ),
    ),
    "pages": Section(Page.objects.all, ("slug",), lambda slug: (address("page", slug), None)),
}
LISTS = ("home", "films:list", "films:collections", "reviews:charts", "reviews:latest")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The files of the sitemap: the lists, and each section's ranges that hold anything."""
    files = [reverse("sitemap_lists")]
    for name, section in SECTIONS.items():
        files += [reverse("sitemap_file", args=[name, file]) for file in section.files()]
    return _xml("sitemapindex", "sitemap", ((file, None) for file in files))


@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """The pages from which readers set out."""
    places = [reverse(name) for name in LISTS]
    places += [chart.get_absolute_url() for chart in CHARTS.values()]
    return _xml("urlset", "url", ((place, None) for place in places))


@require_safe
def file(request: HttpRequest, section: str, number: int) -> HttpResponse:
    """One range of a section. 404 where it holds nothing that everybody may read."""
    places = SECTIONS[section].places(number) if section in SECTIONS and number < 10**12 else []
    if not places:
        raise Http404
    return _xml("urlset", "url", places)


def _xml(kind: str, each: str, places: Iterable[Place]) -> HttpResponse:
    """Slugs and numbers hold nothing that XML would mistake."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{kind} xmlns="{NAMESPACE}">']
    for place, changed_at in places:
        changed = f"<lastmod>{changed_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed_at else ""
        lines.append(f"<{each}><loc>{settings.SITE_URL}{place}</loc>{changed}</{each}>")
    lines.append(f"</{kind}>")
    return HttpResponse("\n".join(lines), content_type="application/xml; charset=utf-8")
