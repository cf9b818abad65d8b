"""Limits: how many votes and reviews fit into a window of time, for whom, and what is said."""

import time

import pytest
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


def test_as_many_as_allowed_pass_and_the_next_waits(clock):
    clock[0] = 20
    assert [limits.too_many("x", 1, 3, 60) for _ in range(5)] == [0, 0, 0, 40, 40]


def test_next_window_begins_anew(clock):
    assert [limits.too_many("x", 1, 1, 60) for _ in range(2)] == [0, 60]
    clock[0] = 60
    assert limits.too_many("x", 1, 1, 60) == 0


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
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "45")
    assert "Try again in 45 seconds" in answer.content.decode()
    assert Vote.objects.get().score == 4
    withdrawal = client.post(reverse("reviews:withdraw", args=[film.slug]))
    assert (withdrawal.status_code, withdrawal.headers["Retry-After"]) == (429, "45")
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
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    page = answer.content.decode()
    assert "My sixth today." in page
    assert "try again in 10 minutes" in page
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
