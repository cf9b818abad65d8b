"""The vote: choosing, confirming, casting, changing, withdrawing, and all that is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from films.models import Film
from reviews.models import AudienceScore, Member, Vote
from tests.conftest import make_member

BAD_SCORES = [
    "0",
    "11",
    "-1",
    "1.5",
    "1e1",
    " 5",
    "5 ",
    "+5",
    "05",
    "1_0",
    "NaN",
    "",
    "1" + "0" * 21,
]
BAD_SCORES += ["٥", "５", "five", "5\x00", "[5]", "true"]


def vote_url(film: Film) -> str:
    return reverse("reviews:vote", args=[film.slug])


def withdraw_url(film: Film) -> str:
    return reverse("reviews:withdraw", args=[film.slug])


def score_of(film: Film) -> Any:
    """The film's tally, or None where it has no row."""
    return AudienceScore.objects.filter(film=film).first()


@pytest.fixture
def future_film(film):
    film.voting_opens_on = timezone.localdate() + timedelta(days=1)
    film.save()
    return film


def cast(client: Client, film: Film, score: object):
    return client.post(vote_url(film), {"score": score})


# --- Casting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("score", range(1, 11))
def test_vote_is_stored_and_the_reader_returns_to_the_film(client, film, member, score):
    client.force_login(member)
    answer = cast(client, film, score)
    assert (answer.status_code, answer.url) == (302, film.get_absolute_url())
    assert Vote.objects.get().score == score
    assert score_of(film).points == score


def test_second_vote_replaces_the_first(client, film, member):
    client.force_login(member)
    cast(client, film, 3)
    cast(client, film, 9)
    assert [vote.score for vote in Vote.objects.all()] == [9]


def test_voter_is_told_what_was_saved_and_the_new_score(client, film, member):
    for number in range(4):
        Vote.objects.cast(film, make_member(f"voter-{number}"), 8)
    client.force_login(member)
    answer = client.post(vote_url(film), {"score": "9"}, headers={"accept": "application/json"})
    message = "Vote saved: 4½ of 5. Audience score 82.00 %, 5 votes."
    assert answer.json()["message"] == message


def test_voter_is_told_how_many_votes_are_missing(client, film, member):
    client.force_login(member)
    answer = client.post(vote_url(film), {"score": "9"}, headers={"accept": "application/json"})
    assert answer.json()["message"] == "Vote saved: 4½ of 5. 1 of 5 votes needed."


def test_json_answer_carries_the_new_score_card(client, film, member):
    client.force_login(member)
    answer = client.post(vote_url(film), {"score": "9"}, headers={"accept": "application/json"})
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"score", "stars", "status", "message", "html"}
    assert (told["score"], told["stars"], told["status"]) == (9, "4½", "counted")
    assert "data-score-card" in told["html"]
    assert "csrfmiddlewaretoken" in told["html"]


@pytest.mark.parametrize("score", BAD_SCORES)
def test_what_is_no_score_is_refused_and_changes_nothing(client, film, member, score):
    Vote.objects.cast(film, member, 4)
    client.force_login(member)
    answer = cast(client, film, score)
    assert answer.status_code == 400
    assert "nothing was stored" in answer.content.decode()
    assert [vote.score for vote in Vote.objects.all()] == [4]


def test_missing_score_is_refused(client, film, member):
    client.force_login(member)
    assert client.post(vote_url(film)).status_code == 400
    assert not Vote.objects.exists()


def test_member_in_the_form_is_ignored(client, film, member, other_member):
    client.force_login(member)
    client.post(
        vote_url(film), {"score": "9", "member": other_member.pk, "status": "held", "film": 99}
    )
    vote = Vote.objects.get()
    assert (vote.member, vote.status) == (member, "counted")


def test_vote_on_a_draft_is_not_found(client, draft, member):
    client.force_login(member)
    assert cast(client, draft, 9).status_code == 404
    assert not Vote.objects.exists()


def test_editor_who_sees_a_draft_cannot_vote_on_it(client, draft, editor):
    client.force_login(editor)
    assert cast(client, draft, 9).status_code == 404
    assert not Vote.objects.exists()


def test_vote_on_a_scheduled_film_is_not_found(client, film, member):
    Film.objects.update(published_at=timezone.now() + timedelta(hours=1))
    client.force_login(member)
    assert cast(client, film, 9).status_code == 404


def test_vote_on_no_film_is_not_found(client, member):
    client.force_login(member)
    assert client.post("/films/none/vote/", {"score": "9"}).status_code == 404


def test_vote_before_the_day_is_a_conflict(client, future_film, member):
    client.force_login(member)
    answer = cast(client, future_film, 9)
    assert answer.status_code == 409
    assert "Voting opens on" in answer.content.decode()
    assert not Vote.objects.exists()


def test_vote_on_the_day_itself_counts(client, film, member):
    film.voting_opens_on = timezone.localdate()
    film.save()
    client.force_login(member)
    assert cast(client, film, 9).status_code == 302
    assert Vote.objects.count() == 1


def test_vote_without_a_token_is_forbidden(film, member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert cast(client, film, 9).status_code == 403
    assert client.post(withdraw_url(film)).status_code == 403
    assert not Vote.objects.exists()


def test_vote_set_aside_can_be_changed_and_stays_set_aside(client, film, member):
    Vote.objects.cast(film, member, 10)
    Vote.objects.update(status="held", reason="a burst of new accounts")
    client.force_login(member)
    answer = client.post(vote_url(film), {"score": "2"}, headers={"accept": "application/json"})
    assert answer.json()["status"] == "held"
    assert "does not count" in answer.json()["message"]
    assert "a burst of new accounts" in answer.json()["html"]
    assert (Vote.objects.get().score, Vote.objects.get().status) == (2, "held")


def test_vote_at_an_earlier_slug_reaches_the_film(client, film, member):
    old = vote_url(film)
    film.slug = "another-slug"
    film.save()
    client.force_login(member)
    assert client.post(old, {"score": "9"}).url == "/films/another-slug/"
    assert Vote.objects.count() == 1


# --- The page that confirms -----------------------------------------------------------------------


def test_get_offers_the_chosen_score_and_writes_nothing(client, film, member):
    client.force_login(member)
    page = client.get(vote_url(film), {"score": "9"}).content.decode()
    assert 'value="9" checked' in page
    assert page.count(" checked") == 1
    assert 'method="post" action="/films/never-let-me-go-2010/vote/"' in page
    assert not Vote.objects.exists()


def test_get_of_a_nonsense_score_offers_an_empty_choice(client, film, member):
    client.force_login(member)
    answer = client.get(vote_url(film), {"score": "1e1"})
    assert answer.status_code == 200
    assert " checked" not in answer.content.decode()


def test_stranger_is_offered_to_sign_up_or_in_with_the_score_kept(client, film):
    answer = client.get(vote_url(film), {"score": "9"})
    page = answer.content.decode()
    back = "next=%2Ffilms%2Fnever-let-me-go-2010%2Fvote%2F%3Fscore%3D9"
    assert f'href="/account/signup/?{back}"' in page
    assert f'href="/account/login/?{back}"' in page
    assert "4½ of 5 stars" in page
    assert not answer.cookies


def test_stranger_is_not_offered_a_closed_sign_up(client, film, settings):
    settings.SIGNUP_OPEN = False
    assert "/account/signup/" not in client.get(vote_url(film), {"score": "9"}).content.decode()


def test_stranger_who_posts_is_sent_to_sign_in_with_the_score_kept(client, film):
    answer = cast(client, film, 9)
    assert answer.status_code == 302
    assert answer.url == "/account/login/?next=/films/never-let-me-go-2010/vote/%3Fscore%3D9"
    assert not Vote.objects.exists()


def test_stranger_who_asks_for_json_is_told_to_sign_in(client, film):
    answer = client.post(vote_url(film), {"score": "9"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (403, {"message": "Sign in to vote."})


def test_earlier_slug_of_the_confirming_page_leads_on(client, film):
    old = vote_url(film)
    film.slug = "another-slug"
    film.save()
    answer = client.get(old, {"score": "9"})
    assert (answer.status_code, answer.url) == (301, "/films/another-slug/vote/?score=9")


# --- Withdrawing ----------------------------------------------------------------------------------


def test_vote_is_withdrawn(client, film, member, other_member):
    Vote.objects.cast(film, member, 9)
    Vote.objects.cast(film, other_member, 5)
    client.force_login(member)
    assert client.post(withdraw_url(film)).url == film.get_absolute_url()
    assert [vote.member for vote in Vote.objects.all()] == [other_member]
    assert score_of(film).points == 5


def test_vote_set_aside_is_not_withdrawn(client, film, member):
    Vote.objects.cast(film, member, 9)
    Vote.objects.update(status="discounted", reason="a brigade")
    client.force_login(member)
    answer = client.post(withdraw_url(film))
    assert answer.status_code == 409
    assert "a brigade" in answer.content.decode()
    assert Vote.objects.count() == 1


def test_withdrawing_nothing_is_no_error(client, film, member):
    client.force_login(member)
    assert client.post(withdraw_url(film)).status_code == 302


def test_stranger_cannot_withdraw(client, film, member):
    Vote.objects.cast(film, member, 9)
    assert client.post(withdraw_url(film)).url.startswith("/account/login/")
    assert Vote.objects.count() == 1


def test_withdrawing_is_no_get(client, film, member):
    Vote.objects.cast(film, member, 9)
    client.force_login(member)
    assert client.get(withdraw_url(film)).status_code == 405
    assert Vote.objects.count() == 1


# --- The score card -------------------------------------------------------------------------------


def card_of(film: Film, *, user: Member | AnonymousUser, **context: object) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return render_to_string("reviews/_score_card.html", {"film": film, **context}, request)


def test_score_card_says_score_votes_and_mean(film, member):
    AudienceScore.objects.create(film=film, n6=313, n7=1814)
    card = card_of(film, user=member, score=score_of(film), own_vote=None)
    assert "Audience Score: 68.53%" in card
    assert "from 2127 votes" in card
    assert "3.43 of 5 stars on average" in card
    assert card.count("<rect") == 10
    assert card.count("bar leading") == 1
    assert "½: 0, 1: 0, 1½: 0, 2: 0, 2½: 0, 3: 313, 3½: 1814, 4: 0, 4½: 0, 5: 0" in card
    assert "style=" not in card


def test_score_card_below_the_minimum_has_no_score(film, member):
    AudienceScore.objects.create(film=film, n6=3)
    card = card_of(film, user=member, score=score_of(film), own_vote=None)
    assert "3 of 5 votes needed" in card
    assert "%" not in card
    assert "<rect" not in card


@pytest.mark.parametrize("row", [False, True])
def test_score_card_without_votes_invites(film, member, row):
    if row:
        AudienceScore.objects.create(film=film)
    card = card_of(film, user=member, score=score_of(film), own_vote=None)
    assert "Not rated yet. Seen it? Be the first." in card
    assert "<rect" not in card
    assert card.count('type="radio"') == 10


def test_score_card_before_the_day_has_no_control(film, member):
    film.voting_opens_on = timezone.localdate().replace(year=2100, month=5, day=12)
    card = card_of(film, user=member, score=None, own_vote=None)
    assert "Voting opens on 12 May" in card
    assert "<form" not in card
    assert "Be the first" not in card


def test_score_card_of_a_draft_has_no_control(draft, editor):
    card = card_of(draft, user=editor, score=None, own_vote=None)
    assert "Voting opens when the film is published" in card
    assert "<form" not in card


def test_score_card_of_a_stranger_is_a_plain_link_form(film):
    card = card_of(film, user=AnonymousUser(), score=None, own_vote=None)
    assert 'method="get" action="/films/never-let-me-go-2010/vote/"' in card
    assert "csrf" not in card


def test_score_card_shows_ones_vote_and_how_to_withdraw_it(film, member):
    Vote.objects.cast(film, member, 9)
    own_vote = Vote.objects.get()
    card = card_of(film, user=member, score=score_of(film), own_vote=own_vote)
    assert "<strong>4½</strong>" in card
    assert 'value="9" checked' in card
    assert withdraw_url(film) in card


def test_score_card_shows_why_ones_vote_is_set_aside(film, member):
    Vote.objects.cast(film, member, 9)
    Vote.objects.update(status="held", reason="a burst of new accounts")
    own_vote = Vote.objects.get()
    card = card_of(film, user=member, score=score_of(film), own_vote=own_vote)
    assert "held" in card
    assert "a burst of new accounts" in card
    assert withdraw_url(film) not in card


# --- What it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [0, 30])
def test_casting_a_vote_asks_few_queries_however_many_votes(
    client, film, member, others, django_assert_num_queries
):
    voters = Member.objects.bulk_create(Member(username=f"voter-{n}") for n in range(others))
    Vote.objects.bulk_create(Vote(film=film, member=voter, score=8) for voter in voters)
    client.force_login(member)
    with django_assert_num_queries(6):  # session, member, film; the vote; score and vote anew
        client.post(vote_url(film), {"score": "9"}, headers={"accept": "application/json"})
