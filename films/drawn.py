"""Posters drawn for films that have none: a few shapes in a muted palette, as inline SVG.

Palette, composition and turn follow from title and year by a hash, so that a film's poster is the
same every time and everywhere. Colours stand in attributes: a style would be blocked.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

SEED = 4497  # another number deals all posters anew


class Palette(NamedTuple):
    """Four tones of one colour. Light letters read on each of them with at least 4.5:1."""

    ground: str
    far: str
    near: str
    deep: str


PALETTES = [
    Palette("#2b3f47", "#37505a", "#45636e", "#1f2f36"),  # night sea
    Palette("#3b3f57", "#4a4f6b", "#5c6180", "#2b2e42"),  # dusk
    Palette("#35513c", "#3f5d46", "#54705a", "#25392a"),  # wood
    Palette("#5a3d31", "#6d4b3c", "#7d5d4e", "#3f2a22"),  # leather
    Palette("#56293a", "#6a3340", "#7b4852", "#3d1c27"),  # wine
    Palette("#4b4a36", "#5b5a44", "#6a6950", "#343325"),  # olive
    Palette("#42365a", "#54446b", "#65567c", "#2e2540"),  # plum
    Palette("#6b3a26", "#7f4a30", "#8d5b40", "#4a271a"),  # rust
    Palette("#2f4a4a", "#3a5b59", "#4f6f6b", "#203434"),  # verdigris
    Palette("#48423d", "#58514a", "#6b635b", "#322d29"),  # ash
]


class Sheet(NamedTuple):
    """The paper to draw on: its size, its colours, and three whole numbers from 0 to 99."""

    width: int
    height: int
    colours: Palette
    one: int
    two: int
    three: int

    def across(self, share: float) -> int:
        return round(self.width * share)

    def down(self, share: float) -> int:
        return round(self.height * share)


def _circle(x: int, y: int, radius: int, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _path(points: str, fill: str) -> str:
    return f'<path d="{points}" fill="{fill}"/>'


def _moon(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    x, y = sheet.across(0.3 + sheet.one / 200), sheet.down(0.18 + sheet.two / 600)
    left, right = sheet.down(0.68 + sheet.three / 800), sheet.down(0.8 - sheet.three / 900)
    return (
        _circle(x, y, round(min(w, h) * 0.6), tones.far)
        + _circle(x, y, round(min(w, h) * 0.36), tones.near)
        + _path(f"M0 {h}V{left}L{w} {right}V{h}Z", tones.deep)
    )


def _plane(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    high, low = sheet.down(0.28 + sheet.one / 700), sheet.down(0.46 + sheet.one / 700)
    turn = sheet.across(0.7 + sheet.two / 500)
    return _path(f"M0 {low}L{turn} {high}L{w} {sheet.down(0.66)}V{h}H0Z", tones.near) + _path(
        f"M0 {sheet.down(0.74)}L{w} {sheet.down(0.9)}V{h}H0Z", tones.far
    )


def _door(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    edge = sheet.across(0.3 + sheet.one / 400)
    sill = sheet.down(0.58 + sheet.two / 800)
    return _path(f"M0 0H{edge}V{h}H0Z", tones.far) + _path(
        f"M{edge} {sill}L{w} {sill + sheet.down(0.14)}V{h}H{edge}Z", tones.deep
    )


def _hills(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    sun = sheet.across(0.25 + sheet.one / 200)
    crest, foot = sheet.down(0.42 + sheet.two / 900), sheet.down(0.66)
    return (
        _circle(sun, sheet.down(0.26), round(min(w, h) * 0.17), tones.near)
        + _path(f"M0 {foot}Q{sheet.across(0.35)} {crest} {w} {foot - 20}V{h}H0Z", tones.far)
        + _path(
            f"M0 {foot + 20}Q{sheet.across(0.75)} {foot - 40} {w} {foot + 45}V{h}H0Z", tones.deep
        )
    )


def _rings(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    x, y = sheet.across(sheet.one / 99), sheet.down(0.3 + sheet.two / 400)
    reach = max(w, h) * 0.72
    fills = (tones.far, tones.ground, tones.near, tones.deep)
    return "".join(
        _circle(x, y, round(reach * share), fill)
        for share, fill in zip((0.86, 0.62, 0.4, 0.17), fills, strict=True)
    )


def _columns(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    count, tops = 5, (sheet.one, sheet.two, sheet.three, sheet.one + sheet.two, sheet.two * 2)
    width = w // count
    return "".join(
        _path(
            f"M{n * width} {h}V{sheet.down(0.12 + top % 60 / 150)}h{width}V{h}Z",
            (tones.far, tones.deep, tones.near)[(n + sheet.three) % 3],
        )
        for n, top in enumerate(tops)
    )


def _road(sheet: Sheet) -> str:
    w, h, tones = sheet.width, sheet.height, sheet.colours
    horizon = sheet.down(0.36 + sheet.one / 700)
    end = sheet.across(0.3 + sheet.two / 250)
    return (
        _path(f"M0 {horizon}H{w}V{h}H0Z", tones.deep)
        + _path(f"M{end - 4} {horizon}h8L{sheet.across(0.95)} {h}H{sheet.across(0.1)}Z", tones.far)
        + _circle(sheet.across(1 - sheet.two / 120), sheet.down(0.18), w // 9, tones.near)
    )


def _arch(sheet: Sheet) -> str:
    h, tones = sheet.height, sheet.colours
    middle = sheet.across(0.4 + sheet.one / 500)
    outer, inner = sheet.across(0.4), sheet.across(0.22)
    top = sheet.down(0.42 + sheet.two / 900)
    return _path(
        f"M{middle - outer} {h}V{top}a{outer} {outer} 0 0 1 {2 * outer} 0V{h}Z", tones.far
    ) + _path(
        f"M{middle - inner} {h}V{top + 14}a{inner} {inner} 0 0 1 {2 * inner} 0V{h}Z", tones.deep
    )


COMPOSITIONS: list[Callable[[Sheet], str]] = [
    _moon,
    _plane,
    _door,
    _hills,
    _rings,
    _columns,
    _road,
    _arch,
]


@lru_cache(maxsize=1024)
def draw(title: str, year: int | None, width: int = 200, height: int = 300) -> SafeString:
    """The drawing of a film as an <svg>, 2:3 unless asked otherwise. The title is not in it."""
    digest = sha256(f"{SEED}|{title}|{year or ''}".encode()).digest()
    colours = PALETTES[digest[0] % len(PALETTES)]
    compose = COMPOSITIONS[digest[1] % len(COMPOSITIONS)]
    sheet = Sheet(width, height, colours, digest[2] % 100, digest[3] % 100, digest[4] % 100)
    return mark_safe(  # noqa: S308 (numbers and our own colours, no word of anybody's)
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid slice"'
        f' aria-hidden="true"><path d="M0 0H{width}V{height}H0Z" fill="{colours.ground}"/>'
        f"{compose(sheet)}</svg>"
    )
