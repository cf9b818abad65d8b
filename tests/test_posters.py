"""Uploaded pictures: what is accepted, what is refused and how, what is left on disk."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, ImageDraw

from films import posters
from films.models import Film, Person
from films.posters import Picture

ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    return folder


def files_in(media: Path) -> set[str]:
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def drawn(size: tuple[int, int] = (400, 600), mode: str = "RGB") -> Image.Image:
    """A red picture with a blue top left quarter."""
    image = Image.new("RGB", size, "#c03020")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill="#2040c0")
    return image.convert(mode)


def encoded(image: Image.Image, format_name: str = "JPEG", **options) -> bytes:
    stream = BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def upload(content: bytes, name: str = "poster.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def accept(content: bytes) -> Picture:
    return posters.accept(upload(content))


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        accept(content)
    [sentence] = caught.value.messages
    return sentence


def pixel(picture: Picture, x: int = 9, y: int = 9) -> Any:
    return main_file(picture).convert("RGB").getpixel((x, y))


def main_file(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.files["600.webp"]))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in chunks:
        crc = zlib.crc32(kind + data)
        parts.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc))
    return b"".join(parts)


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_each_of_the_four_formats_becomes_three_webp_files_and_a_jpeg(format_name: str):
    picture = accept(encoded(drawn((1200, 1800)), format_name))
    sizes = {}
    for name, content in picture.files.items():
        image = Image.open(BytesIO(content))
        sizes[name] = (image.format, image.size)
    assert sizes == {
        "150.webp": ("WEBP", (150, 225)),
        "300.webp": ("WEBP", (300, 450)),
        "600.webp": ("WEBP", (600, 900)),
        "600.jpg": ("JPEG", (600, 900)),
    }
    assert (picture.width, picture.height) == (600, 900)


def test_a_small_picture_is_not_blown_up():
    picture = accept(encoded(drawn((200, 300))))
    assert (picture.width, picture.height) == (200, 300)
    assert Image.open(BytesIO(picture.files["150.webp"])).size == (150, 225)


def test_the_dominant_colour_is_that_of_most_of_the_picture():
    colour = accept(encoded(drawn(), "PNG")).colour
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    assert (abs(red - 0xC0), abs(green - 0x30), abs(blue - 0x20)) < (12, 12, 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_says(orientation: int):
    turned_back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = drawn() if turned_back is None else drawn().transpose(turned_back)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = accept(encoded(image, exif=exif))
    assert (picture.width, picture.height) == (400, 600)
    red, _green, blue = pixel(picture, 50, 50)
    assert blue > red


def test_place_comment_profile_and_text_of_the_upload_are_gone():
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(GPS)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(drawn(), exif=exif, comment=b"SECRET-COMMENT", icc_profile=profile)
    assert b"SECRET" in content
    for made in accept(content).files.values():
        image = Image.open(BytesIO(made))
        image.load()
        assert b"SECRET" not in made
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)


def test_what_stands_behind_the_picture_in_the_file_is_not_kept():
    content = encoded(drawn()) + b"<script>alert(1)</script>"
    assert not any(b"<script>" in made for made in accept(content).files.values())


@pytest.mark.parametrize(
    "content",
    [
        encoded(drawn(mode="CMYK")),
        encoded(drawn(mode="L")),
        encoded(drawn(mode="P"), "PNG"),
        encoded(drawn(mode="1"), "PNG"),
        encoded(Image.new("I;16", (400, 600), 40_000), "PNG"),
        encoded(drawn(mode="LA"), "PNG"),
        encoded(drawn(), "JPEG", icc_profile=b"no profile at all"),
    ],
    ids=["CMYK", "grey", "palette", "black and white", "16 bit", "grey with alpha", "bad profile"],
)
def test_every_kind_of_colour_becomes_rgb(content: bytes):
    assert main_file(accept(content)).mode == "RGB"


def test_cmyk_keeps_its_colours():
    red, green, blue = pixel(accept(encoded(drawn(mode="CMYK"))), 300, 500)
    assert (red > 160, green < 90, blue < 90) == (True, True, True)


def test_sixteen_bit_grey_keeps_its_brightness():
    content = encoded(Image.new("I;16", (400, 600), 128 * 256), "PNG")
    assert abs(pixel(accept(content), 9, 9)[0] - 128) < 3


def test_a_colour_profile_is_converted_to_srgb():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    image = Image.new("RGB", (200, 300), "#c01010")
    red, green, _blue = pixel(accept(encoded(image, "PNG", icc_profile=swapped)))
    assert green > 150 > 60 > red


def test_a_profile_of_another_kind_of_picture_does_no_harm():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert main_file(accept(encoded(drawn(mode="L"), icc_profile=lab))).mode == "RGB"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_stands_on_white(mode: str):
    image = Image.new("RGBA", (200, 300), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": image.getpixel((0, 0))} if mode == "P" else {}
    assert pixel(accept(encoded(image, "PNG", **options)), 9, 9) == (255, 255, 255)


def test_a_name_with_another_ending_does_not_matter():
    assert posters.accept(upload(encoded(drawn(), "PNG"), "../../evil.php")).width == 400


WRONG_FORMAT = "This is not a JPEG, PNG, WebP or AVIF picture. Save it as one of these."
DAMAGED = "This picture is damaged or incomplete. Save or download it again."
TOO_MANY = "This picture has more than 40 million pixels. Make it smaller."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (encoded(drawn())[:-2000], DAMAGED),
        (encoded(drawn(), "PNG")[:-200], DAMAGED),
        (encoded(drawn(), "WEBP")[:-200], DAMAGED),
        (png_header(13_000, 13_000), TOO_MANY),
        (png_header(60_000, 60_000), TOO_MANY),
        (png_header(6_000, 6_000), DAMAGED),
        (encoded(drawn(), "GIF"), WRONG_FORMAT),
        (encoded(drawn(), "TIFF"), WRONG_FORMAT),
        (encoded(drawn(), "ICO"), WRONG_FORMAT),
        (b"8BPS\0\1" + b"\0" * 200, WRONG_FORMAT),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', WRONG_FORMAT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", WRONG_FORMAT),
        (b"", WRONG_FORMAT),
        (b"\xff\xd8\xff", DAMAGED),
        (
            encoded(Image.new("RGB", (3000, 100))),
            "This picture is too long or too wide for a poster. Cut it to about 2:3.",
        ),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value[:20],
)
def test_what_is_no_sound_picture_is_refused_with_one_sentence(content: bytes, sentence: str):
    assert refusal(content) in {sentence, WRONG_FORMAT if len(content) < 10 else sentence}


def test_a_file_over_ten_megabytes_is_refused_before_it_is_opened():
    content = encoded(drawn()) + b"\0" * posters.LARGEST_UPLOAD
    assert refusal(content) == "This file has more than 10 MB. Save the picture smaller."


def test_webp_and_avif_have_a_lower_limit_because_they_need_more_memory(monkeypatch):
    monkeypatch.setitem(posters.MOST_PIXELS_OF, "WEBP", 100_000)
    assert "million pixels" in refusal(encoded(drawn(), "WEBP"))
    assert accept(encoded(drawn(), "PNG"))


def test_a_large_picture_is_shrunk_in_strips_without_a_seam():
    picture = accept(encoded(Image.linear_gradient("L").resize((2400, 3600)), "PNG"))
    column = [pixel(picture, 300, y)[0] for y in range(900)]
    assert max(abs(b - a) for a, b in pairwise(column)) < 8


# --- Storing -----------------------------------------------------------------------------------


@pytest.fixture
def picture() -> Picture:
    return accept(encoded(drawn()))


@pytest.fixture
def other_picture() -> Picture:
    return accept(encoded(drawn((300, 450))))


def names(film: Film, picture: Picture) -> set[str]:
    return {f"posters/{film.pk}-{picture.hash}-{suffix}" for suffix in picture.files}


def test_accepting_writes_nothing(picture: Picture, media: Path):
    assert files_in(media) == set()


def test_a_stored_poster_has_our_own_names_and_the_film_knows_its_size(
    film: Film, picture: Picture, media: Path
):
    posters.store(film, picture)
    film.refresh_from_db()
    assert files_in(media) == names(film, picture)
    assert film.poster.name == f"posters/{film.pk}-{picture.hash}-600.webp"
    assert (film.poster_width, film.poster_height) == (400, 600)
    assert film.poster_colour == picture.colour
    stem = f"/media/posters/{film.pk}-{picture.hash}"
    assert posters.poster_address(film, 150) == f"{stem}-150.webp"
    assert posters.poster_address(film, 600, "jpg") == f"{stem}-600.jpg"


def test_a_film_without_poster_has_no_address(film: Film):
    assert posters.poster_address(film, 150) == ""


def test_a_new_poster_takes_the_old_ones_place_once_it_is_committed(
    film: Film, picture: Picture, other_picture: Picture, media: Path, on_commit: Callable[..., Any]
):
    posters.store(film, picture)
    with on_commit(execute=True):
        posters.store(film, other_picture)
        assert names(film, picture) < files_in(media)
    assert files_in(media) == names(film, other_picture)


def test_the_same_picture_once_more_keeps_its_files(
    film: Film, picture: Picture, media: Path, on_commit: Callable[..., Any]
):
    with on_commit(execute=True):
        posters.store(film, picture)
        posters.store(film, picture)
    assert files_in(media) == names(film, picture)


def test_a_poster_taken_away_leaves_no_file(
    film: Film, picture: Picture, media: Path, on_commit: Callable[..., Any]
):
    posters.store(film, picture)
    with on_commit(execute=True):
        posters.remove(film)
    film.refresh_from_db()
    assert (film.poster.name, film.poster_width, film.poster_colour) == ("", None, "")
    assert files_in(media) == set()


def test_a_failed_save_leaves_no_file(film: Film, picture: Picture, media: Path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Film, "save", fail)
    with pytest.raises(RuntimeError):
        posters.store(film, picture)
    assert files_in(media) == set()


def test_a_full_disk_leaves_no_file(film: Film, picture: Picture, media: Path, monkeypatch):
    real = default_storage.save

    def full_after_two(name, content):
        if "600" in name:
            raise OSError(28, "No space left on device")
        return real(name, content)

    monkeypatch.setattr(default_storage, "save", full_after_two)
    with pytest.raises(OSError, match="No space"):
        posters.store(film, picture)
    film.refresh_from_db()
    assert not film.poster
    assert files_in(media) == set()


def store_and_fail(film: Film, picture: Picture) -> None:
    try:
        with posters.all_or_nothing():
            posters.store(film, picture)
            raise InterruptedError
    except InterruptedError:
        pass


def test_what_fails_after_the_poster_takes_it_along(film: Film, picture: Picture, media: Path):
    store_and_fail(film, picture)
    film.refresh_from_db()
    assert not film.poster
    assert files_in(media) == set()


def test_a_failure_does_not_take_the_files_of_the_poster_that_was_there(
    film: Film, picture: Picture, media: Path
):
    posters.store(film, picture)
    store_and_fail(film, picture)
    assert files_in(media) == names(film, picture)


def test_a_portrait_is_stored_and_taken_away_alike(
    db, picture: Picture, media: Path, on_commit: Callable[..., Any]
):
    person = Person.objects.create(name="Carey Mulligan")
    posters.store_portrait(person, picture)
    person.refresh_from_db()
    address = posters.portrait_address(person, 300)
    assert address == f"/media/portraits/{person.pk}-{picture.hash}-300.webp"
    assert len(files_in(media)) == 4
    with on_commit(execute=True):
        posters.remove_portrait(person)
    assert files_in(media) == set()


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks) -> Any:
    return django_capture_on_commit_callbacks
