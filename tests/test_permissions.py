"""Who may do what: every address of the site, for everybody, and every act of the matrix.

An address that is not listed here fails the test, so that none is added without a word on who may
open it. Statuses stand in the order of ROLES: 302 for a stranger is the way to the sign-in.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from films.models import Certificate, Collection, Country, Credit, Film, Genre, Page, Person
from reviews.models import (
    Alert,
    Member,
    ModerationAct,
    NewcomerHold,
    OwnImport,
    Report,
    Review,
    Vote,
)
from reviews.own_imports.upload import OwnUpload
from tests.conftest import make_member

ROLES = ("anonymous", "member", "author", "editor", "moderator", "superuser")
LIVE = datetime(2026, 1, 1, tzinfo=UTC)
RATINGS = b"Const,Title,Your Rating\ntt0000198,Salt,7\n"  # of IMDb

ALL = "200 200 200 200 200 200"
NOBODY = "404 404 404 404 404 404"
NO_POST = NO_GET = "405 405 405 405 405 405"
EDITORS = "404 404 404 200 404 200"  # who may see a draft
SIGNED_IN = "302 200 200 200 200 200"
OWN = "404 200 404 404 404 404"  # of the one called member
STAFF = "302 403 403 200 200 200"

# Route: one or more of (path, statuses of a GET, statuses of an empty POST with its token).
Cells = list[tuple[str, str, str]]
PUBLIC: dict[str, Cells] = {
    "": [("/", ALL, NO_POST)],
    "films/": [("/films/", ALL, NO_POST)],
    "films/<slug:slug>/": [
        ("/films/{film}/", ALL, NO_POST),
        ("/films/{draft}/", EDITORS, NO_POST),
        ("/films/{scheduled}/", EDITORS, NO_POST),
    ],
    "people/<slug:slug>/": [("/people/{person}/", ALL, NO_POST)],
    "genres/<slug:slug>/": [("/genres/{genre}/", ALL, NO_POST)],
    "collections/": [("/collections/", ALL, NO_POST)],
    "collections/<slug:slug>/": [
        ("/collections/{collection}/", ALL, NO_POST),
        ("/collections/{draft_collection}/", EDITORS, NO_POST),
    ],
    "media/<path:name>": [
        ("/media/{film_poster}", ALL, NO_POST),
        ("/media/{draft_poster}", EDITORS, NO_POST),
    ],
    "films/<slug:slug>/score/": [
        ("/films/{film}/score/", ALL, NO_POST),
        ("/films/{draft}/score/", EDITORS, NO_POST),
    ],
    "films/<slug:slug>/score.json": [
        ("/films/{film}/score.json", ALL, NO_POST),
        ("/films/{draft}/score.json", EDITORS, NO_POST),
    ],
    "films/<slug:slug>/vote/": [
        ("/films/{film}/vote/?score=9", ALL, "400 400 400 400 400 400"),
        ("/films/{draft}/vote/?score=9", NOBODY, NOBODY),
    ],
    "films/<slug:slug>/vote/withdraw/": [
        ("/films/{film}/vote/withdraw/", NO_POST, "302 302 302 302 302 302"),
        ("/films/{draft}/vote/withdraw/", NO_POST, NOBODY),
    ],
    "films/<slug:slug>/reviews/": [
        ("/films/{film}/reviews/", ALL, NO_POST),
        ("/films/{draft}/reviews/", EDITORS, NO_POST),
    ],
    "films/<slug:slug>/reviews/write/": [
        ("/films/{film}/reviews/write/", SIGNED_IN, "302 400 400 400 400 400"),
        ("/films/{draft}/reviews/write/", NOBODY, NOBODY),
    ],
    "reviews/": [("/reviews/", ALL, NO_POST)],
    "reviews/<int:pk>/": [
        ("/reviews/{review}/", ALL, NO_POST),
        ("/reviews/{hidden}/", "404 404 404 404 200 200", NO_POST),
    ],
    "reviews/<int:pk>/changes/": [
        ("/reviews/{review}/changes/", "302 404 200 404 200 200", NO_POST),
        ("/reviews/{hidden}/changes/", "302 404 404 404 200 200", NO_POST),
    ],
    "reviews/<int:pk>/helpful/": [
        ("/reviews/{review}/helpful/", NO_GET, "302 302 403 302 302 302"),
        ("/reviews/{hidden}/helpful/", NO_GET, NOBODY),
    ],
    "reviews/<int:pk>/report/": [
        ("/reviews/{review}/report/", "302 200 403 200 200 200", "302 400 403 400 400 400"),
        ("/reviews/{hidden}/report/", "302 404 404 404 200 200", "302 404 404 404 400 400"),
    ],
    "films/<slug:slug>/watchlist/": [
        ("/films/{film}/watchlist/", NO_POST, "302 400 400 400 400 400"),
        ("/films/{draft}/watchlist/", NO_POST, NOBODY),
    ],
    "members/<str:username>/": [
        ("/members/voter/", ALL, NO_POST),
        ("/members/nobody/", NOBODY, NO_POST),
    ],
    "members/<str:username>/votes/": [
        ("/members/voter/votes/", NOBODY, NO_POST),
        ("/members/member/votes/", OWN, NO_POST),
    ],
    "members/<str:username>/reviews/": [("/members/voter/reviews/", ALL, NO_POST)],
    "members/<str:username>/watchlist/": [
        ("/members/voter/watchlist/", NOBODY, NO_POST),
        ("/members/member/watchlist/", OWN, NO_POST),
    ],
    "account/profile/": [("/account/profile/", SIGNED_IN, "302 302 302 302 302 302")],
    "account/watchlist/": [("/account/watchlist/", SIGNED_IN, NO_POST)],
    "account/data/": [("/account/data/", SIGNED_IN, NO_POST)],
    "account/data/export/": [("/account/data/export/", NO_POST, "302 400 400 400 400 400")],
    "account/delete/": [("/account/delete/", SIGNED_IN, "302 400 400 400 400 400")],
    "account/deleted/": [("/account/deleted/", ALL, NO_POST)],
    "reviews/<int:pk>/delete/": [
        ("/reviews/{review}/delete/", "302 404 200 404 404 404", "302 404 302 404 404 404"),
    ],
    "<slug:slug>/": [("/about/", ALL, NO_POST), ("/nothing-such/", NOBODY, NO_POST)],
    "collections/<slug:slug>/films.atom": [
        ("/collections/{collection}/films.atom", ALL, NO_POST),
        ("/collections/{draft_collection}/films.atom", NOBODY, NO_POST),
    ],
    "feeds/reviews.atom": [("/feeds/reviews.atom", ALL, NO_POST)],
    "films/<slug:slug>/reviews.atom": [
        ("/films/{film}/reviews.atom", ALL, NO_POST),
        ("/films/{draft}/reviews.atom", NOBODY, NO_POST),
    ],
    "feeds/films.atom": [("/feeds/films.atom", ALL, NO_POST)],
    "sitemap.xml": [("/sitemap.xml", ALL, NO_POST)],
    "sitemap-lists.xml": [("/sitemap-lists.xml", ALL, NO_POST)],
    "sitemap-<slug:section>-<int:number>.xml": [
        ("/sitemap-films-0.xml", ALL, NO_POST),
        ("/sitemap-films-9.xml", NOBODY, NO_POST),
    ],
    ".well-known/change-password": [
        (
            "/.well-known/change-password",
            "302 302 302 302 302 302",
            NO_POST,
        )
    ],
    ".well-known/security.txt": [("/.well-known/security.txt", NOBODY, NO_POST)],
    "charts/": [("/charts/?genre=drama", ALL, NO_POST)],
    "charts/<slug:name>/": [("/charts/favourites/", ALL, NO_POST)],
    "search/": [("/search/?q=live", ALL, NO_POST)],
    "search/suggest/": [("/search/suggest/?q=live", ALL, NO_POST)],
    "robots.txt": [("/robots.txt", ALL, NO_POST)],
    "healthz": [("/healthz", ALL, NO_POST)],
    "readyz": [("/readyz", ALL, NO_POST)],
}

GUEST = "200 302 302 302 302 302"  # pages for who is not signed in
AWAY = "302 302 302 302 302 302"
NONE_YET = "302 404 404 404 404 404"
ACCOUNT: dict[str, Cells] = {
    "account/login/": [("/account/login/", GUEST, GUEST)],
    "account/logout/": [("/account/logout/", "302 200 200 200 200 200", "302 302 302 302 302 302")],
    "account/inactive/": [("/account/inactive/", ALL, NO_POST)],
    "account/signup/": [("/account/signup/", GUEST, GUEST)],
    "account/reauthenticate/": [("/account/reauthenticate/", SIGNED_IN, SIGNED_IN)],
    "account/email/": [("/account/email/", SIGNED_IN, "302 302 302 302 302 302")],
    "account/confirm-email/": [
        ("/account/confirm-email/", "302 302 302 302 302 302", "302 302 302 302 302 302")
    ],
    "account/import/": [("/account/import/", SIGNED_IN, "302 400 400 400 400 400")],
    "account/import/<str:token>/": [
        ("/account/import/{upload}/", "302 404 404 404 404 404", "302 404 404 404 404 404")
    ],
    "account/import/<int:pk>/take-back/": [
        (
            "/account/import/{own_import}/take-back/",
            "302 404 200 404 404 404",
            "302 404 302 404 404 404",
        )
    ],
    "account/password/change/": [("/account/password/change/", SIGNED_IN, SIGNED_IN)],
    "account/password/set/": [
        ("/account/password/set/", "302 302 302 302 302 302", "302 302 302 302 302 302")
    ],
    "account/password/reset/": [("/account/password/reset/", ALL, ALL)],
    "account/password/reset/done/": [("/account/password/reset/done/", ALL, NO_POST)],
    "account/password/reset/key/done/": [("/account/password/reset/key/done/", ALL, NO_POST)],
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": [
        ("/account/password/reset/key/1-wrong/", ALL, ALL)
    ],
    "account/login/code/confirm/": [
        ("/account/login/code/confirm/", "302 302 302 302 302 302", "302 302 302 302 302 302")
    ],
    **{
        f"account/second-step/{page}": [(f"/account/second-step/{page}", got, posted)]
        for page, got, posted in (
            ("", SIGNED_IN, "302 405 405 405 405 405"),
            ("authenticate/", AWAY, AWAY),
            ("reauthenticate/", AWAY, AWAY),  # who has no second step gives the password
            ("totp/activate/", AWAY, AWAY),  # the password first
            ("totp/deactivate/", NONE_YET, NONE_YET),
            ("recovery-codes/", NONE_YET, "302 405 405 405 405 405"),
            ("recovery-codes/generate/", AWAY, AWAY),
            ("recovery-codes/download/", NONE_YET, NONE_YET),
        )
    },
}


def desk(letters: str, status: int = 200) -> str:
    """Statuses at the desk: strangers sign in, others 403, but `status` for these of e, m, s."""
    staff = (str(status) if letter in letters else "403" for letter in "ems")
    return " ".join(["302", "403", "403", *staff])


def model(
    name: str,
    *,
    see: str,
    add: str = "",
    change: str = "",
    delete: str = "",
    history: str = "",
) -> dict[str, Cells]:
    """The admin's six addresses of a model. Where somebody may delete, an empty POST only asks.

    Its history is seen by those who see it, or by `history` alone.
    """
    base = f"admin/{name}/"
    one = f"/{base}{{{name}}}/"
    detail = base + "<path:object_id>/"
    return {
        base: [(f"/{base}", desk(see), desk(see))],
        base + "add/": [(f"/{base}add/", desk(add), desk(add))],
        detail + "change/": [(one + "change/", desk(see), desk(change))],
        detail + "delete/": [(one + "delete/", desk(delete), desk(delete))],
        detail + "history/": [(one + "history/", desk(history or see), desk(history or see))],
        detail: [(one, desk("ems", 302), desk("ems", 302))],  # leads to change/, tells nothing
    }


ADMIN: dict[str, Cells] = {
    "admin/": [("/admin/", STAFF, STAFF)],
    "admin/login/": [("/admin/login/", desk("ems", 302), desk("ems", 302))],
    "admin/logout/": [("/admin/logout/", desk("ems", 302), desk("ems", 302))],
    "admin/password_change/": [("/admin/password_change/", desk("ems", 302), desk("ems", 302))],
    "admin/password_change/done/": [
        ("/admin/password_change/done/", desk("ems", 302), desk("ems", 302))
    ],
    "admin/autocomplete/": [
        (
            "/admin/autocomplete/?app_label=films&model_name=credit&field_name=person",
            desk("es"),
            desk("ems", 405),
        ),
        (
            "/admin/autocomplete/?app_label=reviews&model_name=vote&field_name=member",
            desk("ms"),
            desk("ems", 405),
        ),
    ],
    "admin/jsi18n/": [("/admin/jsi18n/", STAFF, desk("ems", 405))],
    "admin/r/<path:content_type_id>/<path:object_id>/": [
        ("/admin/r/1/999/", desk("ems", 404), desk("ems", 404))
    ],
    "admin/^(?P<app_label>films|reviews|auth|mfa|account)/$": [
        ("/admin/films/", "302 403 403 200 404 200", "302 403 403 200 404 200"),
        ("/admin/reviews/", "302 403 403 404 200 200", "302 403 403 404 200 200"),
        ("/admin/auth/", "302 403 403 404 404 200", "302 403 403 404 404 200"),
        ("/admin/account/", "302 403 403 404 404 200", "302 403 403 404 404 200"),
    ],
    "admin/(?P<url>.*)$": [("/admin/nothing/", desk("ems", 404), desk("ems", 404))],
    "admin/films/film/markdown/": [("/admin/films/film/markdown/", desk("ems", 405), desk("es"))],
    "admin/films/film/import/": [("/admin/films/film/import/", desk("es"), desk("es"))],
    "admin/films/film/import/<str:token>/": [
        ("/admin/films/film/import/none/", desk("es", 404), desk("es", 404))
    ],
    "admin/reviews/member/<id>/password/": [
        ("/admin/reviews/member/{reviews/member}/password/", desk("s"), desk("s"))
    ],
    **model("films/film", see="es", add="es", change="es", delete="s"),
    **model("films/genre", see="es", add="es", change="es", delete="es"),
    **model("films/certificate", see="es", add="es", change="es", delete="es"),
    **model("films/country", see="es"),
    **model("films/collection", see="es", add="es", change="es", delete="es"),
    **model("films/page", see="es", add="es", change="es", delete="es"),
    **model("films/person", see="es", add="es", change="es", delete="es"),
    **model("films/credit", see="es", add="es", change="es", delete="es"),
    **model("reviews/vote", see="ms"),
    **model("reviews/review", see="ms"),
    **model("reviews/report", see="ms"),
    **model("reviews/alert", see="ms"),
    **model("reviews/newcomerhold", see="ms", change="ms"),
    **model("reviews/moderationact", see="ms"),
    **model("reviews/member", see="ms", add="s", change="s", delete="s", history="s"),
    **model("auth/group", see="s", add="s", change="s", delete="s"),
    **model("mfa/authenticator", see="s", delete="s"),
    **model("account/emailaddress", see="s", add="s", change="s", delete="s"),
}
ADDRESSES = PUBLIC | ACCOUNT | ADMIN


def routes(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every address that the site answers, as it stands in the urls modules."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield route


class World:
    """Something of everything, and a browser for everybody."""

    def __init__(self) -> None:
        self.people = {
            "member": make_member("member"),
            "author": make_member("author"),
            "editor": make_member("editor.ed", "Editors"),
            "moderator": make_member("moderator.mo", "Moderators"),
            "superuser": Member.objects.create_superuser("superuser", "su@example.org", "password"),
        }
        self.voter = make_member("voter", display_name="Vera")
        self.film = Film.objects.create(title="Live", published_at=LIVE)
        self.draft = Film.objects.create(title="Draft")
        self.scheduled = Film.objects.create(title="To come", published_at=LIVE.replace(year=2126))
        for film in (self.film, self.draft):
            self.give_poster(film)
        self.vote = self.cast(self.voter)
        self.own_votes = {role: self.cast(self.people[role]) for role in ("moderator", "superuser")}
        author = self.people["author"]
        self.review = Review.objects.create(film=self.film, author=author, body="Authors text")
        self.hidden = Review.objects.create(
            film=self.film, author=self.voter, body="Hidden text", status="hidden", reason="Spam"
        )
        self.report = Report.objects.create(review=self.review, member=self.voter, why="abuse")
        moments = dict.fromkeys(("since", "until"), LIVE)
        self.alert = Alert.objects.create(
            film=self.film, kind="burst", end="low", votes=20, young=20, at_end=20, **moments
        )
        self.hold = NewcomerHold.objects.create(
            film=self.film, younger_than=1, until=LIVE.replace(year=2126), reason="A burst"
        )
        self.own_import = OwnImport.objects.create(member=author, source="imdb")
        self.names = self.parts_of_addresses()
        self.browsers = {role: Client(raise_request_exception=False) for role in ROLES}
        for role, person in self.people.items():
            self.browsers[role].force_login(person)

    def give_poster(self, film: Film) -> None:
        for width in (150, 300, 600):
            name = settings.MEDIA_ROOT / f"posters/{film.pk}-{'a' * 16}-{width}.webp"
            name.parent.mkdir(parents=True, exist_ok=True)
            name.write_bytes(b"picture")
        film.poster = f"posters/{film.pk}-{'a' * 16}-600.webp"
        film.poster_width, film.poster_height, film.poster_colour = 600, 900, "#112233"
        film.save()

    def cast(self, member: Member) -> Vote:
        Vote.objects.cast(self.film, member, 8)
        return Vote.objects.get(film=self.film, member=member)

    def parts_of_addresses(self) -> dict[str, object]:
        person = Person.objects.create(name="Somebody")
        genre = Genre.objects.create(name="Noir", slug="noir")
        credit = Credit.objects.create(film=self.film, person=person, department="writing")
        act = ModerationAct.objects.create(
            actor_id=self.people["moderator"].pk,
            what="vote",
            subject_id=self.vote.pk,
            film_id=self.film.pk,
            before="held",
            after="counted",
            reason="No burst",
        )
        collection = Collection.objects.create(title="Quiet", published_at=LIVE)
        second_step = Authenticator.objects.create(user=self.voter, type="totp", data={})
        page, _made = Page.objects.get_or_create(slug="about", defaults={"title": "A", "body": "B"})
        return {
            "film": self.film.slug,
            "draft": self.draft.slug,
            "scheduled": self.scheduled.slug,
            "film_poster": self.film.poster,
            "draft_poster": self.draft.poster,
            "person": person.slug,
            "genre": genre.slug,
            "review": self.review.pk,
            "hidden": self.hidden.pk,
            "own_import": self.own_import.pk,
            "upload": OwnUpload.create(self.voter, BytesIO(RATINGS), "ratings.csv").token,
            "films/film": self.film.pk,
            "films/genre": genre.pk,
            "films/certificate": Certificate.objects.all()[0].pk,
            "films/country": Country.objects.all()[0].pk,
            "films/page": page.pk,
            "collection": collection.slug,
            "draft_collection": Collection.objects.create(title="Not yet").slug,
            "films/collection": collection.pk,
            "films/person": person.pk,
            "films/credit": credit.pk,
            "reviews/vote": self.vote.pk,
            "reviews/review": self.review.pk,
            "reviews/report": self.report.pk,
            "reviews/alert": self.alert.pk,
            "reviews/newcomerhold": self.film.pk,
            "reviews/moderationact": act.pk,
            "reviews/member": self.voter.pk,
            "auth/group": Group.objects.all()[0].pk,
            "mfa/authenticator": second_step.pk,
            "account/emailaddress": EmailAddress.objects.get(user=self.voter).pk,
        }

    def reported_review_of(self, person: Member) -> Review:
        """A review of this person's, with a report that waits; a stranger has none."""
        if person.pk == 0:
            return Review(pk=0)
        review, _made = Review.objects.get_or_create(
            film=self.film, author=person, defaults={"body": "Mine"}
        )
        Report.objects.get_or_create(review=review, member=self.voter, why="abuse")
        return review

    def address(self, path: str) -> str:
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", str(value))
        return path


@pytest.fixture
def world(db: None) -> World:
    return World()


def answer_of(client: Client, method: str, path: str, **posted: Any) -> int:
    """The status of an answer, of which nothing remains in the database."""
    cache.clear()
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.get(path) if method == "GET" else client.post(path, posted)
        response.getvalue()  # a file is closed once it is read
        transaction.set_rollback(True)
    client.cookies = cookies  # also after signing out
    return int(response.status_code)


def test_every_address_is_listed_and_none_that_is_not_there():
    there = list(routes(get_resolver().url_patterns))
    assert [route for route in there if route not in ADDRESSES] == []
    assert [route for route in ADDRESSES if route not in there] == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_answers_everybody_as_it_should(world, method):
    wrong = []
    for cells in ADDRESSES.values():
        for path, got, posted in cells:
            expected = (got if method == "GET" else posted).split()
            address = world.address(path)
            answers = [answer_of(world.browsers[role], method, address) for role in ROLES]
            if answers != [int(status) for status in expected]:
                wrong.append(f"{method} {path}: {answers}, expected {expected}")
    assert not wrong, "\n".join(map(str, wrong))


def test_every_post_without_its_token_is_refused(world):
    stranger, superuser = (Client(enforce_csrf_checks=True) for _ in range(2))
    superuser.force_login(world.people["superuser"])
    wrong = [
        (path, status)
        for cells in ADDRESSES.values()
        for path, _got, _posted in cells
        for client in (stranger, superuser)
        if (status := answer_of(client, "POST", world.address(path))) != 403
    ]
    assert not wrong, "\n".join(map(str, wrong))


# --- The matrix: what comes of an act, and for whom ---


def at_the_desk(kind: str, name: str, subject: Any, shown: int = 1) -> tuple[str, dict[str, Any]]:
    """An action of the admin on one row, confirmed with a reason."""
    data = {"action": name, "_selected_action": [subject.pk], "reason": "Why", "shown": shown}
    return f"/admin/reviews/{kind}/", data


def in_a_week() -> str:
    return (timezone.localtime() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")


# Name of the act: who may, what is posted where, and how to see that it happened.
MAY: dict[str, tuple[set[str], Any, Any]] = {
    "vote on a live film": (
        set(ROLES) - {"anonymous"},
        lambda world, me: (f"/films/{world.film.slug}/vote/", {"score": 3}),
        lambda world, me: Vote.objects.filter(member=me, score=3).exists(),
    ),
    "vote on a draft": (
        set(),
        lambda world, me: (f"/films/{world.draft.slug}/vote/", {"score": 3}),
        lambda world, me: Vote.objects.filter(film=world.draft).exists(),
    ),
    "withdraw one's own vote": (
        {"moderator", "superuser"},  # the two who have one
        lambda world, me: (f"/films/{world.film.slug}/vote/withdraw/", {}),
        lambda world, me: Vote.objects.count() < 3,
    ),
    "set another's vote": (
        set(),
        lambda world, me: (
            f"/films/{world.film.slug}/vote/",
            {"score": 1, "member": world.voter.pk, "member_id": world.voter.pk},
        ),
        lambda world, me: Vote.objects.get(pk=world.vote.pk).score != 8,
    ),
    "set another's vote at the desk": (
        set(),
        lambda world, me: (f"/admin/reviews/vote/{world.vote.pk}/change/", {"score": 1}),
        lambda world, me: Vote.objects.get(pk=world.vote.pk).score != 8,
    ),
    "hold a vote": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("vote", "hold", world.vote),
        lambda world, me: Vote.objects.get(pk=world.vote.pk).status == "held",
    ),
    "discount a vote": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("vote", "discount", world.vote),
        lambda world, me: Vote.objects.get(pk=world.vote.pk).status == "discounted",
    ),
    "moderate one's own vote": (
        set(),
        lambda world, me: at_the_desk(
            "vote", "hold", Vote.objects.filter(member=me).first() or world.no_vote
        ),
        lambda world, me: Vote.objects.filter(status="held").exists(),
    ),
    "keep a film for later": (
        set(ROLES) - {"anonymous"},
        lambda world, me: (f"/films/{world.film.slug}/watchlist/", {"watchlist": "add"}),
        lambda world, me: me.watchlist.exists() if me.pk else False,
    ),
    "put a film on another's watchlist": (
        set(),
        lambda world, me: (
            f"/films/{world.film.slug}/watchlist/",
            {"watchlist": "add", "member": world.voter.pk, "member_id": world.voter.pk},
        ),
        lambda world, me: world.voter.watchlist.exists(),
    ),
    "delete one's own account": (
        set(ROLES) - {"anonymous", "superuser"},  # the last superuser stays
        lambda world, me: ("/account/delete/", {"password": "password"}),
        lambda world, me: bool(me.pk) and not Member.objects.filter(pk=me.pk).exists(),
    ),
    "delete another's account": (
        set(),
        lambda world, me: (
            "/account/delete/",
            {"password": "password", "member": world.voter.pk, "username": "voter"},
        ),
        lambda world, me: not Member.objects.filter(pk=world.voter.pk).exists(),
    ),
    "write a review": (
        set(ROLES) - {"anonymous"},
        lambda world, me: (f"/films/{world.film.slug}/reviews/write/", {"body": "New text"}),
        lambda world, me: Review.objects.filter(author=me, body="New text").exists(),
    ),
    "edit a review's text": (
        {"author"},
        lambda world, me: (
            f"/films/{world.film.slug}/reviews/write/",
            {"body": "Other text", "review": world.review.pk, "id": world.review.pk},
        ),
        lambda world, me: Review.objects.get(pk=world.review.pk).body == "Other text",
    ),
    "edit a review's text at the desk": (
        set(),
        lambda world, me: (f"/admin/reviews/review/{world.review.pk}/change/", {"body": "Other"}),
        lambda world, me: Review.objects.get(pk=world.review.pk).body == "Other",
    ),
    "delete a review": (
        {"author"},
        lambda world, me: (f"/reviews/{world.review.pk}/delete/", {}),
        lambda world, me: not Review.objects.filter(pk=world.review.pk).exists(),
    ),
    "find a review helpful": (
        set(ROLES) - {"anonymous", "author"},
        lambda world, me: (f"/reviews/{world.review.pk}/helpful/", {"helpful": 1}),
        lambda world, me: world.review.helpful.filter(member=me).exists(),
    ),
    "report a review": (
        set(ROLES) - {"anonymous", "author"},
        lambda world, me: (f"/reviews/{world.review.pk}/report/", {"why": "spoiler"}),
        lambda world, me: world.review.reports.filter(member=me).exists(),
    ),
    "delete a review at the desk": (
        {"superuser"},
        lambda world, me: at_the_desk("review", "delete_for_good", world.review),
        lambda world, me: not Review.objects.filter(pk=world.review.pk).exists(),
    ),
    "hide a review": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("review", "hide", world.review),
        lambda world, me: Review.objects.get(pk=world.review.pk).status == "hidden",
    ),
    "restore a review": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("review", "restore", world.hidden),
        lambda world, me: Review.objects.get(pk=world.hidden.pk).is_published,
    ),
    "uphold a report by hiding its review": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("review", "hide", world.review),
        lambda world, me: Report.objects.get(pk=world.report.pk).status == "upheld",
    ),
    "dismiss a report": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("review", "keep", world.review),
        lambda world, me: Report.objects.get(pk=world.report.pk).status == "dismissed",
    ),
    "settle a report of one's own review": (
        set(),
        lambda world, me: at_the_desk("review", "keep", world.reported_review_of(me)),
        lambda world, me: Report.objects.filter(review__author=me, status="dismissed").exists(),
    ),
    "hide one's own review at the desk": (
        set(),
        lambda world, me: at_the_desk("review", "hide", world.reported_review_of(me)),
        lambda world, me: Review.objects.filter(author=me, status="hidden").exists(),
    ),
    "settle an alert": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("alert", "dismiss", world.alert),
        lambda world, me: Alert.objects.get(pk=world.alert.pk).status == "dismissed",
    ),
    "hold newcomers' votes on a film": (
        {"moderator", "superuser"},
        lambda world, me: (
            f"/admin/reviews/newcomerhold/{world.film.pk}/change/",
            {"younger_than": 7, "until": in_a_week(), "reason": "A burst"},
        ),
        lambda world, me: NewcomerHold.objects.get(film=world.film).younger_than == 7,
    ),
    "count newcomers' votes again": (
        {"moderator", "superuser"},
        lambda world, me: (
            f"/admin/reviews/newcomerhold/{world.film.pk}/change/",
            {"off": "Switch off", "off-reason": "It is over"},
        ),
        lambda world, me: not NewcomerHold.objects.filter(film=world.film).exists(),
    ),
    "suspend a member": (
        {"moderator", "superuser"},
        lambda world, me: at_the_desk("member", "suspend", world.voter),
        lambda world, me: not Member.objects.get(pk=world.voter.pk).is_active,
    ),
    "suspend who works at the desk": (
        set(),
        lambda world, me: at_the_desk("member", "suspend", world.people["editor"]),
        lambda world, me: not Member.objects.get(pk=world.people["editor"].pk).is_active,
    ),
    "suspend oneself": (
        set(),
        lambda world, me: at_the_desk("member", "suspend", me),
        lambda world, me: Member.objects.filter(pk=me.pk, is_active=False).exists(),
    ),
    "take an import back": (
        {"author"},
        lambda world, me: (f"/account/import/{world.own_import.pk}/take-back/", {}),
        lambda world, me: OwnImport.objects.filter(taken_back_at__isnull=False).exists(),
    ),
    "publish a film": (
        {"editor", "superuser"},
        lambda world, me: (
            "/admin/films/film/",
            {"action": "publish", "_selected_action": [world.draft.pk]},
        ),
        lambda world, me: Film.objects.get(pk=world.draft.pk).is_published,
    ),
    "delete a film with votes": (
        {"superuser"},
        lambda world, me: (f"/admin/films/film/{world.film.pk}/delete/", {"post": "yes"}),
        lambda world, me: not Film.objects.filter(pk=world.film.pk).exists(),
    ),
    "give somebody rights": (
        {"superuser"},
        lambda world, me: (
            "/admin/reviews/member/",
            {"action": "make_moderator", "_selected_action": [world.voter.pk]},
        ),
        lambda world, me: Member.objects.get(pk=world.voter.pk).is_staff,
    ),
    "change the log": (
        set(),
        lambda world, me: (
            f"/admin/reviews/moderationact/{world.names['reviews/moderationact']}/change/",
            {"reason": "Another"},
        ),
        lambda world, me: ModerationAct.objects.filter(reason="Another").exists(),
    ),
}


@pytest.mark.parametrize("act", MAY)
def test_act_happens_for_those_who_may_and_for_nobody_else(world, act):
    allowed, ask, happened = MAY[act]
    world.no_vote = Vote(pk=0)
    did = set()
    for role in ROLES:
        cache.clear()
        me = world.people.get(role, Member(pk=0))
        with transaction.atomic():
            world.browsers[role].post(*ask(world, me))
            if happened(world, me):
                did.add(role)
            transaction.set_rollback(True)
    assert did == allowed


def sees(world: World, path: str, words: str) -> set[str]:
    return {
        role for role in ROLES if words in world.browsers[role].get(path).content.decode("utf-8")
    }


def test_hidden_review_is_seen_by_its_author_and_moderators(world):
    page = f"/films/{world.film.slug}/reviews/"
    assert sees(world, page, "Hidden text") == {"moderator", "superuser"}
    world.browsers["member"].force_login(world.voter)
    assert sees(world, page, "Hidden text") == {"member", "moderator", "superuser"}
    assert "Spam" in world.browsers["member"].get(page).content.decode()


def test_reason_of_a_hidden_review_and_of_a_held_vote_reaches_nobody_else(world):
    Vote.objects.filter(pk=world.vote.pk).update(status="held", reason="Zebra")
    Review.objects.filter(pk=world.hidden.pk).update(reason="Zebra")
    for page in (f"/films/{world.film.slug}/", f"/films/{world.film.slug}/score/"):
        assert sees(world, page, "Zebra") <= {"moderator", "superuser"}


def test_address_of_a_member_is_seen_by_superusers_alone(world):
    member = f"/admin/reviews/member/{world.voter.pk}/change/"
    assert sees(world, member, "voter@example.org") == {"superuser"}
    assert sees(world, "/admin/reviews/member/", "voter@example.org") == {"superuser"}
    assert sees(world, member, "Vera") == {"moderator", "superuser"}
    film = f"/films/{world.film.slug}/"
    for page in ("/", film, f"{film}reviews/", "/admin/", "/admin/reviews/vote/"):
        assert sees(world, page, "voter@example.org") == set()
    one = f"/admin/reviews/vote/{world.vote.pk}/change/"
    assert sees(world, one, "voter@example.org") == set()


@pytest.mark.parametrize(
    ("role", "page"), [("editor", "/admin/films/film/"), ("moderator", "/admin/reviews/vote/")]
)
def test_demotion_acts_on_the_next_request(world, role, page):
    browser, person = world.browsers[role], world.people[role]
    assert browser.get(page).status_code == 200
    person.groups.clear()
    assert browser.get(page).status_code == 403
    assert browser.get(f"/films/{world.draft.slug}/").status_code == 404
    Member.objects.filter(pk=person.pk).update(is_active=False)
    assert browser.get(page).status_code == 302
