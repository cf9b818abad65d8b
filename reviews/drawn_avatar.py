"""Avatars drawn for members: four tiles of simple shapes in one palette, as inline SVG.

Palette and tiles follow from the username by a hash, so that a member looks the same every time
and everywhere; a display name may change without a new face. Colours stand in attributes, as on
drawn posters (`films.drawn`), whose palettes these are.
"""

from functools import lru_cache
from hashlib import sha256

from django.utils.safestring import SafeString, mark_safe

from films.drawn import PALETTES

SIDE = 32  # units of a tile
SHAPES = (
    "M0 0H32V32A32 32 0 0 1 0 0Z",  # a quarter of a circle around each corner
    "M32 0V32H0A32 32 0 0 1 32 0Z",
    "M32 32H0V0A32 32 0 0 1 32 32Z",
    "M0 32V0H32A32 32 0 0 1 0 32Z",
    "M4 16a12 12 0 0 1 24 0a12 12 0 0 1 -24 0Z",  # a disc
    "M0 16A16 16 0 0 1 32 16V32H0Z",  # an arch
    "M0 0H32L0 32Z",  # halves, cut across
    "M32 0V32H0Z",
)


@lru_cache(maxsize=1024)
def draw(username: str) -> SafeString:
    """The avatar of a username as an <svg>, square; letters of any case are one name."""
    digest = sha256(f"avatar|{username.lower()}".encode()).digest()
    colours = PALETTES[digest[0] % len(PALETTES)]
    grounds, shapes = (colours.ground, colours.deep), (colours.near, colours.far)
    tiles = []
    for number, (shape, shades) in enumerate(zip(digest[1:5], digest[5:9], strict=True)):
        x, y = number % 2 * SIDE, number // 2 * SIDE
        ground, fill = grounds[shades % 2], shapes[shades // 2 % 2]
        tiles.append(
            f'<path d="M{x} {y}h{SIDE}v{SIDE}h-{SIDE}Z" fill="{ground}"/>'
            f'<path transform="translate({x} {y})" d="{SHAPES[shape % len(SHAPES)]}"'
            f' fill="{fill}"/>'
        )
    return mark_safe(  # noqa: S308 (numbers and our own colours, no word of anybody's)
        f'<svg class="avatar" viewBox="0 0 {2 * SIDE} {2 * SIDE}" aria-hidden="true">'
        f"{''.join(tiles)}</svg>"
    )
