"""Pictures that editors upload: checked, made anew in fixed sizes, stored under our own names.

Nothing of an uploaded file is kept: its pixels are decoded, turned upright, brought to sRGB on a
white ground, and written as new WebP and JPEG files without metadata. Serving is
`films.views.media`; drawn posters, for films without a picture, are `films.drawn`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import IO, Any, Literal

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from films.models import Film, Person

POSTER_WIDTHS = (150, 300, 600)
LARGEST_UPLOAD = 10 * 1024 * 1024  # bytes
MOST_PIXELS = 40_000_000
# WebP and AVIF are decoded in several copies at once; 40 megapixels would not fit in 512 MB.
MOST_PIXELS_OF = {"WEBP": 20_000_000, "AVIF": 20_000_000}
LONGEST_RATIO = 4  # a picture is at most so many times as long as it is wide, or as wide as long
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
STORED_NAME = re.compile(
    r"(?P<kind>posters|portraits)/(?P<pk>[0-9]{1,18})-(?P<hash>[0-9a-f]{16})"
    r"-(?P<width>150|300|600)\.(?P<extension>webp|jpg)"
)

# Decoding is the one thing here that needs much memory: one picture at a time in a process.
_one_at_a_time = Lock()
_written: ContextVar[list[str] | None] = ContextVar("written pictures", default=None)


@dataclass(frozen=True)
class Picture:
    """An accepted upload as it will be stored. `files` maps `600.webp` and so on to bytes."""

    files: dict[str, bytes]
    hash: str
    width: int  # pixels of the widest file
    height: int
    colour: str  # the dominant one, #rrggbb


def accept(upload: "File[Any]") -> Picture:
    """The picture made anew from an uploaded file.

    Raises ValidationError with one sentence for the editor: not one of the four formats, more
    than 10 MB or 40 megapixels (20 for WebP and AVIF), longer or wider than 1:4, or damaged.
    Writes nothing anywhere.
    """
    if upload.size > LARGEST_UPLOAD:
        raise ValidationError(_("This file has more than 10 MB. Save the picture smaller."))
    upload.seek(0)
    with _one_at_a_time:
        small = _decode(upload)
        return _make_files(small)


def _decode(stream: "IO[Any] | File[Any]") -> Image.Image:
    """The upright picture in sRGB on white, at most about 1200 pixels on its shorter side."""
    try:
        with Image.open(stream, formats=FORMATS) as image:
            _check_size(image)
            shorter = 2 * POSTER_WIDTHS[-1]
            image.draft(image.mode, (shorter, shorter))
            image.load()  # only this finds a truncated file; verify() does not
            profile = image.info.get("icc_profile")
            orientation = image.getexif().get(0x0112, 1)
            small = _shrink(image, shorter)
        return _in_srgb(_upright(small, orientation), profile)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_large(MOST_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise ValidationError(
            _("This is not a JPEG, PNG, WebP or AVIF picture. Save it as one of these.")
        ) from error
    except Exception as error:  # decoders stumble over a bad file in any way
        raise ValidationError(
            _("This picture is damaged or incomplete. Save or download it again.")
        ) from error


def _too_large(most: int) -> str:
    return _("This picture has more than %(millions)d million pixels. Make it smaller.") % {
        "millions": most // 1_000_000
    }


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    most = MOST_PIXELS_OF.get(image.format or "", MOST_PIXELS)
    if width * height > most:
        raise ValidationError(_too_large(most))
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise ValidationError(
            _("This picture is too long or too wide for a poster. Cut it to about 2:3.")
        )


def _shrink(image: Image.Image, shorter: int) -> Image.Image:
    """The picture made smaller by a whole factor, strip by strip: a copy would double the memory.

    Where it is transparent it stands on white; the mode is L, RGB or CMYK.
    """
    factor = max(1, min(image.size) // shorter)
    width, height = image.size
    strips, rows = [], factor * 256
    for top in range(0, height, rows):
        strip = _opaque(image.crop((0, top, width, min(top + rows, height))), image)
        strips.append(strip.reduce(factor) if factor > 1 else strip)
    small = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        small.paste(strip, (0, top))
        top += strip.height
    return small


def _opaque(strip: Image.Image, whole: Image.Image) -> Image.Image:
    if "transparency" in whole.info:
        strip.info["transparency"] = whole.info["transparency"]
    if strip.mode.startswith("I;16"):
        strip = strip.point(lambda value: value / 256).convert("L")
    if strip.has_transparency_data:
        strip = strip.convert("RGBA")
        ground = Image.new("RGB", strip.size, "white")
        ground.paste(strip, mask=strip.getchannel("A"))
        return ground
    return strip if strip.mode in {"L", "RGB", "CMYK"} else strip.convert("RGB")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turned as the camera's EXIF orientation (1 to 8) says; any other number turns nothing."""
    image.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(image)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In RGB, its colours converted from the picture's own profile where that can be read."""
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # a profile of another kind of picture, or a broken one
        if converted is not None:
            return converted
    return image.convert("RGB")


def _make_files(image: Image.Image) -> Picture:
    files: dict[str, bytes] = {}
    largest = image
    for width in POSTER_WIDTHS:
        sized = _sized(image, width)
        files[f"{width}.webp"] = _encode(sized, "WEBP", quality=80, method=4)
        largest = sized
    files[f"{POSTER_WIDTHS[-1]}.jpg"] = _encode(
        largest, "JPEG", quality=85, optimize=True, progressive=True
    )
    digest = sha256(b"".join(files.values())).hexdigest()[:16]
    return Picture(files, digest, *largest.size, _dominant_colour(largest))


def _sized(image: Image.Image, width: int) -> Image.Image:
    """A copy of this width in pixels, or of its own where it is narrower: nothing is blown up."""
    if image.width <= width:
        sized = image.copy()
    else:
        height = max(1, round(image.height * width / image.width))
        sized = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2)
    sized.info.clear()  # Pillow would write a JPEG's comment, EXIF and profile again
    return sized


def _encode(image: Image.Image, format_name: str, **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def _dominant_colour(image: Image.Image) -> str:
    """The commonest of the eight colours that come nearest to the picture, as #rrggbb."""
    few = image.resize((40, 60), Image.Resampling.BOX).quantize(8)
    palette, counts = few.getpalette() or [], few.getcolors() or []
    _count, index = max(counts)
    red, green, blue = palette[3 * int(index) : 3 * int(index) + 3]  # type: ignore[call-overload]
    return f"#{red:02x}{green:02x}{blue:02x}"


# --- Storing ------------------------------------------------------------------------------------


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """One transaction, whose pictures leave the disk again where it fails."""
    written: list[str] = []
    token = _written.set(written)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        _delete(written)
        raise
    finally:
        _written.reset(token)


def store(film: Film, picture: Picture) -> None:
    """Write the picture's files and make them the poster of a film that has its row already.

    The files of the poster before go when the transaction is committed. Where something fails,
    the files just written go; within `all_or_nothing` also where a later step fails.
    """
    old = _names(film.poster)
    with _writing("posters", film.pk, picture) as name:
        film.poster.name = name
        film.poster_width, film.poster_height = picture.width, picture.height
        film.poster_colour = picture.colour
        film.save(update_fields=[*POSTER_FIELDS, "changed_at"])
    _delete_later(old, keep=_names(film.poster))


def store_portrait(person: Person, picture: Picture) -> None:
    """The same for a person's portrait."""
    old = _names(person.portrait)
    with _writing("portraits", person.pk, picture) as name:
        person.portrait.name = name
        person.save(update_fields=["portrait"])
    _delete_later(old, keep=_names(person.portrait))


POSTER_FIELDS = ["poster", "poster_width", "poster_height", "poster_colour"]


def remove(film: Film) -> None:
    """Take the film's poster away; its files go when the transaction is committed."""
    old = _names(film.poster)
    film.poster.name = ""
    film.poster_width = film.poster_height = None
    film.poster_colour = ""
    film.save(update_fields=[*POSTER_FIELDS, "changed_at"])
    _delete_later(old)


def remove_portrait(person: Person) -> None:
    old = _names(person.portrait)
    person.portrait.name = ""
    person.save(update_fields=["portrait"])
    _delete_later(old)


def delete_files_of(owners: list[Film] | list[Person]) -> None:
    """For films or people about to be deleted: their files go when that is committed."""
    for owner in owners:
        _delete_later(_names(owner.poster if isinstance(owner, Film) else owner.portrait))


def poster_address(film: Film, width: int, extension: Literal["webp", "jpg"] = "webp") -> str:
    """The address of the film's uploaded poster: WebP in 150, 300 or 600 pixels, JPEG in 600.

    Empty where the film has none.
    """
    return _address(film.poster, width, extension)


def portrait_address(person: Person, width: int) -> str:
    """The address of a person's portrait as WebP, 150, 300 or 600 pixels wide; empty if none."""
    return _address(person.portrait, width, "webp")


def _address(field: FieldFile, width: int, extension: str) -> str:
    if not field:
        return ""
    return reverse("films:media", args=[f"{_stem(field)}{width}.{extension}"])


def _stem(field: FieldFile) -> str:
    return str(field.name).removesuffix(f"{POSTER_WIDTHS[-1]}.webp")


def _names(field: FieldFile) -> list[str]:
    """All stored files of a picture, by the one the row names."""
    if not field:
        return []
    suffixes = [*(f"{width}.webp" for width in POSTER_WIDTHS), f"{POSTER_WIDTHS[-1]}.jpg"]
    return [f"{_stem(field)}{suffix}" for suffix in suffixes]


@contextmanager
def _writing(folder: str, pk: int, picture: Picture) -> Iterator[str]:
    """Write the files, give the main one's name; delete them again where the block fails."""
    written: list[str] = []
    stem = f"{folder}/{pk}-{picture.hash}-"
    try:
        for suffix, content in picture.files.items():
            if not default_storage.exists(stem + suffix):  # the same picture once more
                written.append(stem + suffix)
                default_storage.save(stem + suffix, ContentFile(content))
        with transaction.atomic():
            yield f"{stem}{POSTER_WIDTHS[-1]}.webp"
    except BaseException:
        _delete(written)
        raise
    if (outer := _written.get()) is not None:
        outer += written


def _delete(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _delete_later(names: list[str], keep: list[str] | None = None) -> None:
    gone = [name for name in names if name not in (keep or [])]
    if gone:
        transaction.on_commit(partial(_delete, gone))
