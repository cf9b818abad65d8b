"""The page cache: what it keeps, for whom, for how long, and what it must never hand out."""

import os
import time
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from films.models import Film
from filmsite.middleware import PageCache
from reviews.models import Vote


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def ten_seconds(settings):
    settings.PAGE_CACHE_SECONDS = 10
    caches["pages"].clear()
    yield
    caches["pages"].clear()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


class Site:
    """The cache in front of one view, which counts how often it was asked."""

    def __init__(self, answer=lambda request, count: HttpResponse(f"page {count}")) -> None:
        self.asked = 0
        self.answer = answer
        self.cache = PageCache(self.view)

    def view(self, request):
        self.asked += 1
        return self.answer(request, self.asked)

    def get(self, address="/films/", method="get", **headers):
        return self.cache(getattr(RequestFactory(), method)(address, **headers))


def body(response) -> str:
    return b"".join(response).decode()


# --- What is kept -------------------------------------------------------------------------------


def test_second_stranger_is_given_the_kept_page(clock):
    site = Site()
    assert body(site.get()) == body(site.get()) == "page 1"
    assert site.asked == 1


def test_page_is_never_older_than_the_setting(clock):
    site = Site()
    site.get()
    clock.now += 9.9
    assert body(site.get()) == "page 1"
    clock.now += 0.1
    assert body(site.get()) == "page 2"


def test_lifetime_counts_from_before_the_page_was_made(clock):
    def slow(request, count):
        clock.now += 4
        return HttpResponse(f"page {count}")

    site = Site(slow)
    assert "s-maxage=6" in site.get().headers["Cache-Control"]
    clock.now += 6
    assert body(site.get()) == "page 2"


def test_page_that_took_longer_than_its_lifetime_is_not_kept(clock):
    def slow(request, count):
        clock.now += 11
        return HttpResponse(f"page {count}")

    site = Site(slow)
    assert site.get().headers["Cache-Control"] == "public, max-age=0, s-maxage=0"
    assert body(site.get()) == "page 2"


def test_shared_caches_are_told_the_lifetime_left(clock):
    site = Site()
    assert site.get().headers["Cache-Control"] == "public, max-age=0, s-maxage=10"
    clock.now += 7.5
    assert site.get().headers["Cache-Control"] == "public, max-age=0, s-maxage=2"


def test_kept_page_has_the_headers_it_was_made_with(clock):
    def answer(request, count):
        return HttpResponse("{}", content_type="application/json", headers={"X-Kept": "yes"})

    site = Site(answer)
    first, second = site.get(), site.get()
    assert site.asked == 1
    assert dict(first.headers) == dict(second.headers)
    assert second.headers["Content-Type"] == "application/json"
    assert second.headers["X-Kept"] == "yes"
    assert second.headers["Vary"] == "Cookie"
    assert second.headers["ETag"]


def test_zero_seconds_keep_nothing_but_still_answer_304(clock, settings):
    settings.PAGE_CACHE_SECONDS = 0
    site = Site(lambda request, count: HttpResponse("the same"))
    etag = site.get().headers["ETag"]
    assert site.get(HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert site.asked == 2


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', '"other", W/{}'])
def test_browser_that_has_the_page_is_told_304(clock, sent):
    site = Site()
    etag = site.get().headers["ETag"]
    answer = site.get(HTTP_IF_NONE_MATCH=sent.format(etag))
    assert answer.status_code == 304
    assert (answer.content, answer.headers["ETag"]) == (b"", etag)
    assert answer.headers["Vary"] == "Cookie"
    assert answer.headers["Cache-Control"].startswith("public, max-age=0")


@pytest.mark.parametrize("sent", ['"other"', 'W/"other"', "nonsense", '"'])
def test_browser_with_another_page_is_given_this_one(clock, sent):
    site = Site()
    site.get()
    assert site.get(HTTP_IF_NONE_MATCH=sent).status_code == 200


def test_head_is_answered_from_the_kept_page_but_never_kept(clock):
    site = Site()
    site.get(method="head")
    assert body(site.get()) == "page 2"
    assert site.get(method="head").headers["ETag"] == site.get().headers["ETag"]
    assert site.asked == 2


def test_cookies_of_others_do_not_matter(clock):
    site = Site()
    site.get(HTTP_COOKIE="csrftoken=abc; theme=dark")
    assert body(site.get()) == "page 1"


def test_page_is_kept_in_redis_too(clock):
    redis = pytest.importorskip("redis")
    from django.core.cache.backends.redis import RedisCache

    site = Site()
    site.cache.pages = RedisCache("redis://127.0.0.1:6379", {"KEY_PREFIX": f"test-{os.getpid()}"})
    try:
        assert body(site.get()) == body(site.get()) == "page 1"
        assert body(site.get("/films/?page=2")) == "page 2"
        clock.now += 10
        assert body(site.get()) == "page 3"
    except redis.ConnectionError:
        pytest.skip("Redis does not answer on 127.0.0.1:6379")


# --- The key ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/films/", "/films"),
        ("/films/", "/Films/"),
        ("/films/", "/films/?page=2"),
        ("/films/?page=1", "/films/?page=2"),
        ("/films/?page=1&page=2", "/films/?page=2&page=1"),
        ("/films/?genre=a&sort=b", "/films/?genre=b&sort=a"),
        ("/films/?genre=a%26sort%3Db", "/films/?genre=a&sort=b"),
        ("/films/%0Ax", "/films/x"),
        ("/films/?genre=", "/films/"),
    ],
)
def test_different_addresses_are_different_pages(clock, one, other):
    site = Site()
    site.get(one)
    assert body(site.get(other)) == "page 2"


def test_order_of_the_keys_does_not_matter(clock):
    site = Site()
    site.get("/films/?genre=drama&sort=score")
    assert body(site.get("/films/?sort=score&genre=drama")) == "page 1"


def test_schemes_are_kept_apart(clock):
    site = Site()
    site.get()
    assert body(site.get(secure=True)) == "page 2"


def test_hosts_are_kept_apart(clock, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    site = Site()
    site.get(HTTP_HOST="one.example")
    assert body(site.get(HTTP_HOST="two.example")) == "page 2"


def test_unknown_host_is_refused_even_where_the_page_is_kept(clock):
    site = Site()
    site.get()
    with pytest.raises(DisallowedHost):
        site.get(HTTP_HOST="evil.example")


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a@b", "x/y", ""])
def test_unknown_host_gets_400_from_the_whole_site(client, film, host):
    address = film.get_absolute_url()
    assert client.get(address).status_code == 200
    assert client.get(address, HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize(
    "query", ["utm_source=x", "q=never", "stars=9", "next=/evil/", "page=1&x=1", "PAGE=1", "%00=1"]
)
def test_query_with_an_unknown_key_goes_past_the_cache(clock, query):
    site = Site()
    site.get()
    assert body(site.get(f"/films/?{query}")) == "page 2"
    assert body(site.get(f"/films/?{query}")) == "page 3"
    assert body(site.get()) == "page 1"
    assert site.get(f"/films/?{query}").headers["Cache-Control"] == "private, no-store"


def test_headers_that_could_poison_a_page_make_none(clock):
    site = Site(lambda request, count: HttpResponse(f"{request.get_host()} {count}"))
    site.get(HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_ORIGINAL_URL="/admin/")
    assert body(site.get()) == "testserver 1"


# --- Who is served ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "sessionid=abc"},
        {"HTTP_COOKIE": "theme=dark; sessionid=abc"},
        {"HTTP_COOKIE": "sessionid="},
        {"HTTP_COOKIE": 'sessionid="quoted"'},
        {"HTTP_AUTHORIZATION": "Bearer abc"},
    ],
)
def test_whoever_has_a_session_is_neither_served_nor_kept(clock, headers):
    site = Site()
    assert body(site.get(**headers)) == "page 1"
    assert body(site.get()) == "page 2"
    answer = site.get(**headers)
    assert body(answer) == "page 3"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.has_header("ETag")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods_are_neither_served_nor_kept(clock, method):
    site = Site()
    site.get(method=method)
    assert body(site.get()) == "page 2"
    answer = site.get(method=method)
    assert body(answer) == "page 3"
    assert answer.headers["Cache-Control"] == "private, no-store"


# --- What is not kept -----------------------------------------------------------------------------


def with_cookie(request, count):
    response = HttpResponse("x")
    response.set_cookie("csrftoken", "abc")
    return response


def without_a_cookie_any_more(request, count):
    response = HttpResponse("x")
    response.delete_cookie("sessionid")
    return response


@pytest.mark.parametrize(
    "answer",
    [
        with_cookie,
        without_a_cookie_any_more,
        lambda request, count: StreamingHttpResponse(iter([b"x"])),
        lambda request, count: HttpResponse("x", headers={"Cache-Control": "private"}),
        lambda request, count: HttpResponse("x", headers={"Cache-Control": "no-store"}),
        lambda request, count: HttpResponse("x", headers={"Cache-Control": "public, max-age=9"}),
        lambda request, count: HttpResponse("x", headers={"Vary": "Accept"}),
        lambda request, count: HttpResponse("x", headers={"Vary": "Cookie, Accept-Language"}),
        lambda request, count: HttpResponse("x", headers={"Vary": "*"}),
        *(
            lambda request, count, status=status: HttpResponse("x", status=status)
            for status in (201, 204, 206, 301, 302, 400, 403, 404, 410, 429, 500, 503)
        ),
        lambda request, count: HttpResponseNotModified(),
    ],
)
def test_answers_that_are_not_for_everybody_are_not_kept(clock, answer):
    site = Site(answer)
    first = site.get()
    site.get()
    assert site.asked == 2
    assert not first.has_header("ETag")
    own = answer(None, 0).headers.get("Cache-Control")
    assert first.headers["Cache-Control"] == (own or "private, no-store")


# --- On the site's own pages ----------------------------------------------------------------------


@pytest.fixture
def film_page(film):
    return film.get_absolute_url()


def test_warm_film_page_costs_no_query(client, film_page, django_assert_num_queries):
    first = client.get(film_page)
    assert first.status_code == 200
    assert not first.cookies
    with django_assert_num_queries(0):
        assert Client().get(film_page).content == first.content


def test_stranger_sees_a_change_after_the_lifetime_and_a_member_at_once(
    client, film, film_page, member, clock
):
    client.get(film_page)
    Film.objects.filter(pk=film.pk).update(title="Never Let Him Go")
    assert b"Never Let Him Go" not in client.get(film_page).content
    signed_in = Client()
    signed_in.force_login(member)
    assert b"Never Let Him Go" in signed_in.get(film_page).content
    assert b"Never Let Him Go" not in client.get(film_page).content
    clock.now += 10
    assert b"Never Let Him Go" in client.get(film_page).content


def test_member_page_is_never_given_to_a_stranger(film, film_page, member):
    Vote.objects.cast(film, member, 9)
    signed_in = Client()
    signed_in.force_login(member)
    answer = signed_in.get(film_page)
    assert member.username in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert member.username not in Client().get(film_page).text
    signed_in.logout()
    assert member.username not in signed_in.get(film_page).text


def test_film_published_within_the_lifetime_is_seen_at_once(client, draft):
    address = draft.get_absolute_url()
    assert client.get(address).status_code == 404
    draft.published_at = timezone.now()
    draft.save()
    assert client.get(address).status_code == 200


def test_film_taken_down_is_gone_for_strangers_within_the_lifetime(client, film, film_page, clock):
    client.get(film_page)
    film.published_at = timezone.now() + timedelta(days=1)
    film.save()
    clock.now += 10
    assert client.get(film_page).status_code == 404


@pytest.mark.parametrize("address", ["/account/login/", "/account/signup/"])
def test_page_with_a_form_gives_each_stranger_their_own_token(address, db):
    strict = Client(enforce_csrf_checks=True)
    for stranger in (Client(), strict, strict):
        answer = stranger.get(address)
        assert answer.cookies["csrftoken"].value
        assert "private" in answer.headers["Cache-Control"]
    assert Client().get(address).content != strict.get(address).content


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_never_kept(client, db, address):
    assert client.get(address).headers["Cache-Control"] == "no-store"


def test_stranger_browsing_gets_no_cookie(client, film, film_page):
    for address in ("/", "/films/", film_page, "/films/no-such-film/"):
        assert not client.get(address).cookies
