"""Finding a review helpful and reporting it: once, not one's own, and back to where one was."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from films.models import Film
from reviews.models import Helpful, ModerationAct, Report, Review
from tests.conftest import make_member


@pytest.fixture
def review(film, member):
    return Review.objects.create(film=film, author=member, headline="Bleak", body="And good.")


@pytest.fixture
def address(review):
    return f"/reviews/{review.pk}/"


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def count(review: Review) -> int:
    review.tally.refresh_from_db()
    return int(review.tally.helpful)


# --- Helpful --------------------------------------------------------------------------------------


def test_review_is_found_helpful_and_no_longer(client, other_member, review, address):
    client.force_login(other_member)
    assert client.post(f"{address}helpful/", {"helpful": "1"}).url == address
    assert count(review) == 1
    page = text_of(client.get(address))
    assert "1 found this helpful" in page
    assert 'aria-pressed="true"' in page
    assert client.post(f"{address}helpful/", {"helpful": "0"}).status_code == 302
    assert count(review) == 0
    assert "found this helpful" not in text_of(client.get(address))


@pytest.mark.parametrize("said", ["1", "0"])
def test_double_click_is_a_click(client, other_member, review, address, said):
    client.force_login(other_member)
    for _ in range(2):
        client.post(f"{address}helpful/", {"helpful": said})
    assert count(review) == int(said)


def test_without_a_word_it_is_the_other_way_round(client, other_member, review, address):
    client.force_login(other_member)
    for number in (1, 0, 1):
        client.post(f"{address}helpful/")
        assert count(review) == number


@pytest.mark.parametrize("said", ["2", "yes", "١", "-1"])
def test_nonsense_changes_nothing(client, other_member, review, address, said):
    client.force_login(other_member)
    assert client.post(f"{address}helpful/", {"helpful": said}).status_code == 400
    assert count(review) == 0


def test_one_is_led_back_to_the_reviews_place(client, film, other_member, review, address):
    client.force_login(other_member)
    page = f"/films/{film.slug}/reviews/?sort=newest"
    answer = client.post(f"{address}helpful/", {"helpful": "1", "next": page})
    assert answer.url == f"{page}#review-{review.pk}"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_one_is_led_to_no_other_site(client, other_member, address, evil):
    client.force_login(other_member)
    assert client.post(f"{address}helpful/", {"helpful": "1", "next": evil}).url == address


def test_script_is_answered_in_json(client, other_member, address):
    client.force_login(other_member)
    answer = client.post(
        f"{address}helpful/", {"helpful": "1"}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"helpful": True, "count": 1, "words": "1 found this helpful"}


def test_stranger_signs_in_and_comes_back(client, review, address):
    page = text_of(client.get(address))
    assert f'href="/account/login/?next=%2Freviews%2F{review.pk}%2F"' in page
    assert (
        client.post(f"{address}helpful/", {"helpful": "1"}).url == f"/account/login/?next={address}"
    )
    assert count(review) == 0


def test_own_review_has_no_control_and_is_refused(client, member, review, address):
    client.force_login(member)
    page = text_of(client.get(address))
    assert "data-helpful" not in page
    assert "/report/" not in page
    assert client.post(f"{address}helpful/", {"helpful": "1"}).status_code == 403
    assert client.post(f"{address}report/", {"why": "abuse"}).status_code == 403
    assert client.get(f"{address}report/").status_code == 403
    assert count(review) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Helpful.objects.mark(review, member)


def test_get_marks_nothing(client, other_member, review, address):
    client.force_login(other_member)
    assert client.get(f"{address}helpful/?helpful=1").status_code == 405
    assert count(review) == 0


def test_hidden_review_is_not_found(client, other_member, moderator, review, address):
    Review.objects.update(status="hidden", reason="Spam")
    for person in (other_member, moderator):
        client.force_login(person)
        assert client.post(f"{address}helpful/", {"helpful": "1"}).status_code == 404


def test_too_many_marks_are_refused(client, other_member, review, address, settings):
    settings.HELPFUL_A_MINUTE = 1
    client.force_login(other_member)
    client.post(f"{address}helpful/", {"helpful": "1"})
    answer = client.post(f"{address}helpful/", {"helpful": "0"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert count(review) == 1


# --- Report ---------------------------------------------------------------------------------------


def test_report_reaches_the_moderators_once(client, other_member, review, address):
    client.force_login(other_member)
    assert "What is wrong with it?" in text_of(client.get(f"{address}report/"))
    answer = client.post(
        f"{address}report/", {"why": "abuse", "note": "In the last line.\r\nTwice."}
    )
    assert answer.url == address
    report = Report.objects.get()
    assert (report.review, report.member, report.why) == (review, other_member, "abuse")
    assert (report.note, report.status) == ("In the last line.\nTwice.", "open")
    assert client.post(f"{address}report/", {"why": "advert"}).status_code == 409
    assert Report.objects.get().why == "abuse"
    assert "It waits for a moderator." in text_of(client.get(f"{address}report/"))


@pytest.mark.parametrize("sent", [{}, {"why": "nonsense"}, {"why": "other", "note": "x" * 501}])
def test_bad_report_is_refused_with_its_words(client, other_member, address, sent):
    client.force_login(other_member)
    answer = client.post(f"{address}report/", {"note": "My note", **sent})
    assert answer.status_code == 400
    assert sent.get("note", "My note") in text_of(answer)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [("upheld", "A moderator agreed: Zebra"), ("dismissed", "let the review stand: Zebra")],
)
def test_second_visit_says_what_became_of_it(
    client, other_member, moderator, review, address, status, words
):
    Report.objects.create(review=review, member=other_member, why="spoiler")
    ModerationAct.objects.carry_out(Report.objects.all(), moderator, status, "Zebra")
    client.force_login(other_member)
    assert words in text_of(client.get(f"{address}report/"))


def test_reporter_learns_of_the_hidden_review_and_nobody_else(
    client, other_member, moderator, review, address
):
    Report.objects.create(review=review, member=other_member, why="spoiler")
    ModerationAct.objects.carry_out(Review.objects.all(), moderator, "hidden", "Zebra")
    client.force_login(other_member)
    page = text_of(client.get(f"{address}report/"))
    assert "You reported this review" in page
    assert "And good." not in page
    client.force_login(make_member("third"))
    assert client.get(f"{address}report/").status_code == 404
    Film.objects.update(published_at=None)
    client.force_login(other_member)
    assert client.get(f"{address}report/").status_code == 404


def test_stranger_who_reports_signs_in(client, review, address):
    login = f"/account/login/?next={address}report/"
    assert client.get(f"{address}report/").url == login
    assert client.post(f"{address}report/", {"why": "abuse"}).url == login
    assert not Report.objects.exists()


def test_too_many_reports_are_refused_with_their_words(client, other_member, address, settings):
    settings.REPORTS_AN_HOUR = 0
    client.force_login(other_member)
    answer = client.post(f"{address}report/", {"why": "other", "note": "My own words."})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert "My own words." in text_of(answer)
    assert not Report.objects.exists()


def test_responses_without_a_token_are_forbidden(other_member, review, address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(other_member)
    assert client.post(f"{address}helpful/", {"helpful": "1"}).status_code == 403
    assert client.post(f"{address}report/", {"why": "abuse"}).status_code == 403
    assert count(review) == 0
    assert not Report.objects.exists()
