"""A film's poster as templates print it: the uploaded picture, else the drawn one."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from films.drawn import draw
from films.models import Film
from films.posters import POSTER_WIDTHS, poster_address

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


@register.inclusion_tag("films/_poster.html")
def poster(film: Film, place: str, line: str = "", lazy: bool = False) -> dict[str, Any]:
    """`{% poster film "card" %}`: the poster in its frame; `place` is card, page or lead.

    `line` stands under the title of a drawn one: year and director. `lazy` for what stands far
    down the page.
    """
    context: dict[str, Any] = {"film": film, "place": place, "line": line, "lazy": lazy}
    if film.poster:
        # No file is wider than the picture that was uploaded.
        widest = film.poster_width or POSTER_WIDTHS[-1]
        widths = {min(width, widest): poster_address(film, width) for width in POSTER_WIDTHS}
        ratio = widest / (film.poster_height or widest / SHAPE)
        context |= {
            "sources": [(address, width) for width, address in widths.items()],
            "fallback": poster_address(film, POSTER_WIDTHS[-1], "jpg"),
            "sizes": SIZES[place],
            "needs_ground": abs(ratio - SHAPE) > 0.02,
        }
    return context
