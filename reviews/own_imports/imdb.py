"""IMDb's exports: the ratings of a member, or a list, which may be of anything."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from films.importing.cleaning import one_line
from films.importing.table import Record, Table
from reviews.importing import RowRefusedError, score_of
from reviews.own_imports.brought import Brought, Item, Named, What, day_of, place_of, year_of

COLUMNS = {"const", "title"}
# What IMDb calls what a film site may have. Older exports write tvMovie for TV Movie.
FILM_TYPES = {"movie", "short", "video", "tvmovie", "tvshort", "tvspecial"}


def read(table: Table) -> Brought:
    """The member's ratings as votes; of a list, the films without one as films to see."""
    is_list = "position" in table.columns or "your rating" not in table.columns
    brought = Brought("imdb", asks=is_list)
    found: dict[str, Item] = {}
    for item in _items(table, brought, is_list):
        number = item.named.imdb_id
        first = found.setdefault(number, item)
        if first is item:
            continue
        # A rating says more than that the film is on the list.
        says_more = (first.what, item.what) == (What.WATCHLIST, What.VOTE)
        found[number], left = (item, first) if says_more else (first, item)
        brought.skip(left.place, str(left.named), _("The table has this film elsewhere too."))
    brought.items += found.values()
    return brought


def _items(table: Table, brought: Brought, is_list: bool) -> Iterator[Item]:
    for record, named in _films(table, brought):
        try:
            yield _item(record, named, is_list)
        except RowRefusedError as problem:
            brought.skip(place_of(record), str(named), str(problem))


def _films(table: Table, brought: Brought) -> Iterator[tuple[Record, Named]]:
    """The rows that name a film by its number; the others are skipped with a word."""
    for record in table:
        brought.count_row()
        place = place_of(record)
        cells = record.cells
        if record.problem:
            brought.skip(place, "", record.problem)
            continue
        number = cells["const"].strip()
        named = _named(cells, number)
        kind = one_line(cells.get("title type", ""))
        if not named.imdb_id:
            brought.skip(place, str(named), _("“%s” is no number of IMDb’s.") % number[:30])
        elif kind and kind.replace(" ", "").lower() not in FILM_TYPES:
            brought.skip(place, str(named), _("Not a film: %s.") % kind[:40])
        else:
            yield record, named


def _named(cells: dict[str, str], number: str) -> Named:
    """The film, its number as IMDb writes it: some lists leave out the letters and zeros."""
    known = re.fullmatch(r"(?:tt)?([0-9]{1,10})", number)
    return Named(
        one_line(cells["title"]) or number[:30],
        year_of(cells.get("year", "")),
        f"tt{int(known[1]):07}" if known else "",
        one_line(cells.get("original title", "")),
    )


def _item(record: Record, named: Named, is_list: bool) -> Item:
    cells, place = record.cells, place_of(record)
    if rating := cells.get("your rating", "").strip():
        day = day_of(cells.get("date rated", ""))
        return Item(What.VOTE, place, named, score_of(rating), day=day)
    if not is_list:
        raise RowRefusedError(_("No rating."))
    return Item(What.WATCHLIST, place, named, day=day_of(cells.get("created", "")))
