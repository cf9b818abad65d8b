"""Limits: how many votes and reviews fit into a window of time, for whom, and what is said."""

import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from films.models import Film
from reviews import limits
from reviews.models import Review, Vote

NOW = 1_800_000_000  # the start of a minute and of an hour


@pytest.fixture
def clock(monkeypatch):
    """Seconds since NOW, to be set; the only thing that is not real here."""
    seconds = [0]
    monkeypatch.setattr(time, "time", lambda: NOW + seconds[0])
    return seconds


def tries(count: int, allowed: int) -> list[int]:
    return [limits.too_many("x", 1, allowed, 60) for _ in range(count)]


def test_as_many_as_allowed_pass_and_the_next_waits(clock):
    clock[0] = 20
    assert tries(5, 3) == [0, 0, 0, 60, 60]


def test_after_the_time_that_was_told_the_next_is_allowed_and_not_before(clock):
    for allowed in (1, 3, 7):
        for at in (0, 1, 29, 59):
            cache.clear()
            clock[0] = at
            tries(allowed, allowed)
            clock[0] += 3
            while not (wait := tries(1, allowed)[0]):
                pass
            clock[0] += wait - 1
            assert tries(1, allowed) == [1]
            clock[0] += 1
            assert tries(1, allowed) == [0]


def test_end_of_a_clocks_minute_does_not_double_the_limit(clock):
    clock[0] = 59
    assert tries(10, 10) == [0] * 10
    clock[0] = 60
    assert tries(10, 10)[0] > 0
    clock[0] = 90
    assert [wait == 0 for wait in tries(10, 10)] == [True] * 5 + [False] * 5


def test_who_is_refused_is_not_counted(clock):
    tries(500, 3)
    clock[0] = 119
    assert tries(2, 3) == [0, 0]


def test_window_is_forgotten_in_the_end(clock):
    tries(3, 3)
    clock[0] = 120
    assert tries(3, 3) == [0, 0, 0]


def test_actions_and_people_are_counted_apart(clock):
    assert limits.too_many("x", 1, 1, 60) == 0
    assert limits.too_many("y", 1, 1, 60) == 0
    assert limits.too_many("x", 2, 1, 60) == 0


def test_limits_can_be_switched_off(clock, settings):
    settings.LIMITS_ON = False
    assert [limits.too_many("x", 1, 1, 60) for _ in range(3)] == [0, 0, 0]


def test_one_vote_too_many_is_refused_and_changes_nothing(
    client, film, member, other_member, settings, clock
):
    settings.VOTES_A_MINUTE = 2
    address = reverse("reviews:vote", args=[film.slug])
    client.force_login(member)
    clock[0] = 15
    for score in (3, 4):
        assert client.post(address, {"score": score}).status_code == 302
    answer = client.post(address, {"score": "9"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "75")
    assert "Try again in 75 seconds" in answer.content.decode()
    assert Vote.objects.get().score == 4
    withdrawal = client.post(reverse("reviews:withdraw", args=[film.slug]))
    assert (withdrawal.status_code, withdrawal.headers["Retry-After"]) == (429, "75")
    assert Vote.objects.count() == 1
    client.force_login(other_member)
    assert client.post(address, {"score": "9"}).status_code == 302


def test_one_vote_too_many_is_refused_in_json(client, film, member, settings, clock):
    settings.VOTES_A_MINUTE = 0
    client.force_login(member)
    answer = client.post(
        reverse("reviews:vote", args=[film.slug]),
        {"score": "9"},
        headers={"accept": "application/json"},
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "60 seconds" in answer.json()["message"]


def test_sixth_review_in_an_hour_is_refused_and_keeps_its_words(client, member, clock):
    films = [
        Film.objects.create(title=f"Film {n}", published_at="2026-01-01T00:00Z") for n in range(6)
    ]
    client.force_login(member)
    clock[0] = 3000
    for film in films[:5]:
        address = reverse("reviews:write", args=[film.slug])
        assert client.post(address, {"body": "Good."}).status_code == 302
    answer = client.post(
        reverse("reviews:write", args=[films[5].slug]), {"body": "My sixth today.", "score": "9"}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1320")
    page = answer.content.decode()
    assert "My sixth today." in page
    assert "try again in 22 minutes" in page
    assert Review.objects.count() == 5
    assert not Vote.objects.exists()


def test_editing_is_not_counted_as_writing(client, film, member, settings):
    settings.REVIEWS_AN_HOUR = 1
    client.force_login(member)
    address = reverse("reviews:write", args=[film.slug])
    for body in ("One.", "Two.", "Three."):
        assert client.post(address, {"body": body}).status_code == 302
    assert Review.objects.get().body == "Three."


def test_votes_with_reviews_count_as_votes(client, film, member, settings):
    settings.VOTES_A_MINUTE = 1
    client.force_login(member)
    address = reverse("reviews:write", args=[film.slug])
    assert client.post(address, {"body": "One.", "score": "3"}).status_code == 302
    assert client.post(address, {"body": "Two.", "score": "9"}).status_code == 429
    assert (Review.objects.get().body, Vote.objects.get().score) == ("One.", 3)
    assert client.post(address, {"body": "Two.", "score": "3"}).status_code == 302


def test_strangers_are_counted_by_address_and_members_by_themselves(rf, member, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    asked = rf.get("/", headers={"x-forwarded-for": "203.0.113.9"})
    asked.user = AnonymousUser()
    assert limits.asker(asked) == "203.0.113.9"
    asked = rf.get("/", headers={"x-forwarded-for": "2001:db8:1:2:3:4:5:6"})
    asked.user = AnonymousUser()
    assert limits.asker(asked) == "2001:db8:1:2::"
    asked.user = member
    assert limits.asker(asked) == str(member.pk)


# --- What django-allauth counts ---


def sign_in(address: str, login: str, password: str = "password"):
    sent = {"login": login, "password": password}
    return Client(REMOTE_ADDR=address).post("/account/login/", sent)


def test_failures_of_others_do_not_lock_a_member_out(member):
    for _attempt in range(5):
        assert sign_in("198.51.100.1", "member", "wrong").status_code == 200
    assert sign_in("198.51.100.1", "member").status_code == 429
    assert sign_in("203.0.113.1", "member").status_code == 302


def test_sign_in_is_limited_by_name_in_any_case_and_by_address(member, other_member, clock):
    for _attempt in range(5):
        sign_in("198.51.100.1", "member", "wrong")
    clock[0] = 30
    answer = sign_in("198.51.100.1", "MEMBER")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "270")
    for number in range(4):
        sign_in("198.51.100.1", f"nobody{number}", "wrong")
    answer = sign_in("198.51.100.1", "other_member")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    clock[0] = 300
    assert sign_in("198.51.100.1", "member").status_code == 302


def test_thirty_first_sign_up_of_an_address_waits_what_is_left_of_the_hour(db, clock):
    for attempt in range(31):
        clock[0] = attempt * 60
        answer = Client(REMOTE_ADDR="198.51.100.1").post("/account/signup/", {})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert "Try again in 30 minutes" in answer.content.decode()
    assert Client(REMOTE_ADDR="198.51.100.2").post("/account/signup/", {}).status_code == 200


def test_fourth_reset_in_an_hour_waits_whether_or_not_the_address_is_known(member, clock):
    for email in ("member@example.org", "nobody@example.org"):
        answers = []
        for minutes in range(4):
            clock[0] = minutes * 600
            asked = Client().post("/account/password/reset/", {"email": email})
            answers.append((asked.status_code, asked.headers.get("Retry-After")))
        assert answers == [(302, None)] * 3 + [(429, "1800")]
