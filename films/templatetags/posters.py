"""A film's poster as templates print it: the uploaded picture, else the drawn one."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from films.drawn import draw
from films.models import Film
from films.posters import POSTER_WIDTHS, poster_address
from films.templatetags.film_text import isolate

register = template.Library()

# What the browser chooses a width by: how wide the poster stands on the page.
SIZES = {
    "card": "(max-width: 40rem) 30vw, 10rem",
    "page": "(max-width: 40rem) 7rem, 17rem",
    "lead": "(max-width: 40rem) 7rem, 17rem",
}
SHAPE = 2 / 3


@register.simple_tag
def drawn_poster(film: Film) -> SafeString:
    """`{% drawn_poster film %}`: the drawing alone, 2:3."""
    return draw(film.title, film.known_year)


@register.simple_tag
def drawn_still(film: Film) -> SafeString:
    """The same drawing laid out 16:9, for the top of the home page."""
    return draw(film.title, film.known_year, 320, 180)


@register.simple_tag
def poster_jpeg(film: Film) -> str:
    """`{% poster_jpeg film %}`: the address of the uploaded poster as others may show it."""
    return poster_address(film, POSTER_WIDTHS[-1], "jpg")


@register.simple_tag
def poster(film: Film, place: str, line: str = "", lazy: bool = False) -> SafeString:
    """`{% poster film "card" %}`: the poster in its frame; `place` is card, page or lead.

    `line` stands under the title of a drawn one: year and director. `lazy` for what stands far
    down the page.
    """
    if film.poster:
        return _uploaded(film, place, lazy)
    return _drawn(film.title, film.known_year, film.original_language, line)


@lru_cache(maxsize=1024)
def _drawn(title: str, year: int | None, language: str, line: str) -> SafeString:
    return format_html(
        '<div class="poster">{}<span class="poster-title" aria-hidden="true">{}</span>{}</div>',
        draw(title, year),
        isolate(title, language),
        line and format_html('<span class="poster-line" aria-hidden="true">{}</span>', line),
    )


def _uploaded(film: Film, place: str, lazy: bool) -> SafeString:
    """The picture in its widths; one that is not 2:3 stands whole on its own colour."""
    # No file is wider than the picture that was uploaded.
    widest = film.poster_width or POSTER_WIDTHS[-1]
    widths = {min(width, widest): poster_address(film, width) for width in POSTER_WIDTHS}
    context = {
        "film": film,
        "sources": [(address, width) for width, address in widths.items()],
        "fallback": poster_jpeg(film),
        "sizes": SIZES[place],
        "alternative": (film.poster_alt or gettext("Poster")) if place == "page" else "",
        "needs_ground": abs(widest / (film.poster_height or widest / SHAPE) - SHAPE) > 0.02,
        "lazy": lazy,
    }
    return render_to_string("films/_poster.html", context)
