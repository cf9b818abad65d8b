"""Reviews: reading them, writing, editing and deleting one's own, and all that is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from films.models import Film
from reviews.forms import ReviewForm
from reviews.models import Member, Review, Vote
from reviews.views.reviewing import _store
from tests.conftest import make_member


def write_url(film: Film) -> str:
    return reverse("reviews:write", args=[film.slug])


def list_url(film: Film) -> str:
    return reverse("reviews:film_reviews", args=[film.slug])


def delete_url(review: Review) -> str:
    return reverse("reviews:delete", args=[review.pk])


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def review(film, member):
    return Review.objects.create(
        film=film,
        author=member,
        headline="Quietly devastating",
        body="The horror is how politely everyone behaves.",
        written_at=datetime(2026, 3, 12, tzinfo=UTC),
    )


# --- Writing --------------------------------------------------------------------------------------


def test_review_is_published_at_once(client, film, member):
    client.force_login(member)
    answer = client.post(
        write_url(film), {"headline": "Bleak", "body": "And *good*.", "gives_away_ending": "on"}
    )
    review = Review.objects.get()
    assert answer.url == f"/reviews/{review.pk}/"
    assert (review.film, review.author) == (film, member)
    assert (review.headline, review.body) == ("Bleak", "And *good*.")
    assert review.gives_away_ending
    assert review.is_published
    assert review.edited_at is None
    assert not Vote.objects.exists()


def test_review_brings_its_vote(client, film, member):
    client.force_login(member)
    client.post(write_url(film), {"body": "Good.", "score": "9"})
    assert (Vote.objects.get().score, Vote.objects.get().member) == (9, member)


def test_form_offers_ones_vote(client, film, member):
    Vote.objects.cast(film, member, 7)
    client.force_login(member)
    assert 'value="7" checked' in text_of(client.get(write_url(film)))


def test_review_without_stars_leaves_the_vote(client, film, member):
    Vote.objects.cast(film, member, 7)
    client.force_login(member)
    client.post(write_url(film), {"body": "Good."})
    assert Vote.objects.get().score == 7


def test_review_before_voting_opens_has_no_vote(client, film, member):
    Film.objects.update(voting_opens_on=timezone.localdate() + timedelta(days=1))
    client.force_login(member)
    assert 'type="radio"' not in text_of(client.get(write_url(film)))
    assert client.post(write_url(film), {"body": "Good.", "score": "9"}).status_code == 302
    assert Review.objects.count() == 1
    assert not Vote.objects.exists()


@pytest.mark.parametrize("score", ["0", "11", "1.5", "٥", " 5x", "NaN"])
def test_bad_score_refuses_the_review_and_keeps_its_words(client, film, member, score):
    client.force_login(member)
    answer = client.post(write_url(film), {"body": "My own words.", "score": score})
    assert answer.status_code == 400
    assert "My own words." in text_of(answer)
    assert not Review.objects.exists()
    assert not Vote.objects.exists()


@pytest.mark.parametrize("body", ["", "   \n ", "\x00\x08", "\u200b \u2060\u202e"])
def test_review_needs_a_text(client, film, member, body):
    client.force_login(member)
    answer = client.post(write_url(film), {"headline": "My headline", "body": body})
    assert answer.status_code == 400
    assert "My headline" in text_of(answer)
    assert not Review.objects.exists()


def test_longest_review_is_stored_whole(client, film, member):
    client.force_login(member)
    body = ("x" * 99 + "\r\n") * 199 + "y" * 100  # 20,000 characters as a browser counts them
    assert client.post(write_url(film), {"body": body}).status_code == 302
    assert len(Review.objects.get().body) == 20_000


def test_review_over_its_length_is_refused_with_its_words(client, film, member):
    client.force_login(member)
    answer = client.post(write_url(film), {"body": "z" * 20_001})
    assert answer.status_code == 400
    assert "z" * 20_001 in answer.content.decode()
    assert not Review.objects.exists()


def test_control_characters_are_dropped(client, film, member):
    client.force_login(member)
    client.post(write_url(film), {"headline": "A\x00b\nc", "body": "One\x00\x1b\r\ntwo\tthree\x9f"})
    review = Review.objects.get()
    assert (review.headline, review.body) == ("Ab c", "One\ntwo\tthree")


def test_written_markup_does_not_run(client, film, member):
    client.force_login(member)
    evil = '<script>alert(1)</script><meta http-equiv="refresh" content="0">'
    client.post(write_url(film), {"headline": evil, "body": evil})
    page = client.get(list_url(film)).content.decode()
    assert "<script>alert" not in page
    assert '<meta http-equiv="refresh"' not in page


def test_film_author_and_status_in_the_form_are_ignored(client, film, draft, member, other_member):
    client.force_login(member)
    forged = {"film": draft.pk, "author": other_member.pk, "status": "hidden", "reason": "x"}
    client.post(write_url(film), {"body": "Mine.", **forged})
    review = Review.objects.get()
    assert (review.film, review.author, review.status) == (film, member, "published")


def test_stranger_is_sent_to_sign_in(client, film):
    assert client.get(write_url(film)).url.startswith("/account/login/?next=/films/")
    assert client.post(write_url(film)).url.startswith("/account/login/?next=/films/")


def test_who_was_signed_out_while_writing_keeps_the_text(client, film):
    answer = client.post(write_url(film), {"headline": "Bleak", "body": "An <hour> of work."})
    assert answer.status_code == 403
    text = text_of(answer)
    assert "You are signed out, so nothing was stored." in text
    assert 'value="Bleak"' in text
    assert "An &lt;hour&gt; of work.</textarea>" in text
    assert f"?next={write_url(film)}" in text.replace("%2F", "/")
    assert 'type="submit"' not in text[text.index("<main") :]  # the search box is no way to post
    assert not Review.objects.exists()


def test_review_of_a_draft_is_not_found(client, draft, editor):
    client.force_login(editor)
    assert client.get(write_url(draft)).status_code == 404
    assert client.post(write_url(draft), {"body": "Mine."}).status_code == 404
    assert not Review.objects.exists()


def test_review_without_a_token_is_forbidden(film, member, review):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert client.post(write_url(film), {"body": "Mine."}).status_code == 403
    assert client.post(delete_url(review)).status_code == 403
    assert Review.objects.get().body == review.body


# --- Editing --------------------------------------------------------------------------------------


def test_own_review_is_edited(client, film, member, review):
    client.force_login(member)
    assert "The horror is how politely" in text_of(client.get(write_url(film)))
    client.post(write_url(film), {"headline": "", "body": "Second thoughts."})
    edited = Review.objects.get()
    assert (edited.pk, edited.headline, edited.body) == (review.pk, "", "Second thoughts.")
    assert edited.written_at == review.written_at
    assert edited.edited_at is not None


def test_another_members_review_is_never_edited(client, film, other_member, review):
    client.force_login(other_member)
    assert "The horror" not in text_of(client.get(write_url(film)))
    client.post(write_url(film), {"body": "Mine."})
    assert Review.objects.get(pk=review.pk).body == review.body
    assert Review.objects.get(author=other_member).body == "Mine."


def test_hidden_review_stays_hidden_when_edited(client, film, member, review):
    Review.objects.update(status="hidden", reason="insults")
    client.force_login(member)
    assert "insults" in text_of(client.get(write_url(film)))
    client.post(write_url(film), {"body": "Milder words."})
    edited = Review.objects.get()
    assert (edited.body, edited.status, edited.reason) == ("Milder words.", "hidden", "insults")


# --- Deleting -------------------------------------------------------------------------------------


def test_own_review_is_deleted_after_a_question(client, film, member, review):
    Vote.objects.cast(film, member, 9)
    client.force_login(member)
    assert client.get(delete_url(review)).status_code == 200
    assert Review.objects.exists()
    assert client.post(delete_url(review)).url == film.get_absolute_url()
    assert not Review.objects.exists()
    assert Vote.objects.get().score == 9


def test_another_members_review_is_not_found_for_deleting(client, other_member, superuser, review):
    for person in (other_member, superuser):
        client.force_login(person)
        assert client.get(delete_url(review)).status_code == 404
        assert client.post(delete_url(review)).status_code == 404
    assert Review.objects.exists()


def test_stranger_who_deletes_is_sent_to_sign_in(client, review):
    assert client.post(delete_url(review)).url.startswith("/account/login/")
    assert Review.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_deleting_no_review_is_not_found(client, member, number):
    client.force_login(member)
    assert client.post(f"/reviews/{number}/delete/").status_code == 404


# --- Reading --------------------------------------------------------------------------------------


def test_list_shows_review_author_and_vote(client, film, member, review):
    Vote.objects.cast(film, member, 9)
    page = text_of(client.get(list_url(film)))
    assert f'id="review-{review.pk}"' in page
    assert "Quietly devastating" in page
    assert "4½ of 5 stars" in page
    assert 'datetime="2026-03-12' in page
    assert "Edit" not in page


def test_own_review_can_be_edited_from_the_list(client, film, member, review):
    client.force_login(member)
    page = text_of(client.get(list_url(film)))
    assert write_url(film) in page
    assert delete_url(review) in page


def test_review_that_gives_away_the_ending_is_folded_with_its_headline(client, film, review):
    Review.objects.update(gives_away_ending=True)
    page = text_of(client.get(list_url(film)))
    folded = page[page.index("<details") : page.index("</details>")]
    assert "Quietly devastating" in folded
    assert "The horror" in folded
    assert page.count("Quietly devastating") == 1


@pytest.mark.parametrize("status", ["held", "hidden"])
def test_hidden_review_is_seen_by_its_author_and_moderators_alone(
    client, film, member, other_member, editor, moderator, review, status
):
    Review.objects.update(status=status, reason="insults")
    for person in (None, other_member, editor):
        if person:
            client.force_login(person)
        assert "The horror" not in text_of(client.get(list_url(film)))
    for person in (member, moderator):
        client.force_login(person)
        page = text_of(client.get(list_url(film)))
        assert "The horror" in page
        assert "insults" in page


def test_list_of_a_draft_is_not_found(client, draft, member):
    assert client.get(list_url(draft)).status_code == 404


def test_empty_list_says_what_to_do(client, film):
    assert write_url(film) in text_of(client.get(list_url(film)))


def test_list_sets_no_cookie(client, film, review):
    assert not client.get(list_url(film)).cookies


@pytest.mark.parametrize("count", [1, 45])
def test_list_has_twenty_a_page_in_constant_queries(client, film, count, django_assert_num_queries):
    members = Member.objects.bulk_create(Member(username=f"writer-{n}") for n in range(count))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    Review.objects.bulk_create(
        Review(film=film, author=author, body=f"Text {n}.", written_at=start + timedelta(hours=n))
        for n, author in enumerate(members)
    )
    Vote.objects.bulk_create(Vote(film=film, member=author, score=8) for author in members)
    with django_assert_num_queries(4):  # film, counts, reviews with authors, footer
        page = text_of(client.get(list_url(film)))
    assert page.count("<article") == min(count, 20)
    assert page.index("<article") < page.index(f"Text {count - 1}.")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("abc", 1),
        ("9" * 400, 3),
        ("3", 3),
        ("4", 3),
        ("-1", 1),
        ("0", 1),
        ("٢", 1),
        ("%00", 1),
        ("", 1),
    ],
)
def test_nonsense_page_is_the_first_and_one_past_the_end_the_last(client, film, asked, shown):
    for n in range(41):
        Review.objects.create(film=film, author=Member.objects.create(username=f"w-{n}"), body="x")
    page = text_of(client.get(f"{list_url(film)}?page={asked}"))
    assert f'<span aria-current="page">{shown}</span>' in page


def test_author_who_is_suspended_keeps_the_review(client, film, review):
    Member.objects.update(is_active=False)
    assert "The horror" in text_of(client.get(list_url(film)))


def test_second_of_two_open_forms_edits_the_review(client, film, member):
    client.force_login(member)
    client.post(write_url(film), {"body": "First tab."})
    assert client.post(write_url(film), {"body": "Second tab."}).status_code == 302
    assert [review.body for review in Review.objects.all()] == ["Second tab."]


def test_review_that_loses_a_race_is_refused_with_a_reason(film, member):
    """Both were found to be new; the other one was stored first."""
    late = ReviewForm(
        {"body": "Late.", "score": "9"},
        instance=Review(film=film, author=member),
        voting_is_open=True,
    )
    assert late.is_valid()
    Review.objects.create(film=film, author=member, body="First.")
    assert not _store(late, None)
    assert "You have a review of this film already" in str(late.errors)
    assert [review.body for review in Review.objects.all()] == ["First."]
    assert not Vote.objects.exists()


def test_writing_asks_few_queries(client, film, django_assert_num_queries):
    writer = make_member("writer")
    client.force_login(writer)
    with django_assert_num_queries(6):  # session, member, film, review, vote, footer
        client.get(write_url(film))


# --- Preview, holding first reviews, and what others do meanwhile ---------------------------------


def test_preview_shows_the_review_and_stores_nothing(client, film, member):
    client.force_login(member)
    sent = {"headline": "Bleak", "body": "And *good*.", "score": "9", "preview": "1"}
    page = text_of(client.post(write_url(film), sent))
    assert "<em>good</em>" in page
    assert "4½ of 5 stars" in page
    assert "And *good*.</textarea>" in page
    assert not Review.objects.exists()
    assert not Vote.objects.exists()


def test_preview_of_an_edit_leaves_the_stored_text(client, film, member, review):
    client.force_login(member)
    page = text_of(client.post(write_url(film), {"body": "Second thoughts.", "preview": "1"}))
    assert page.count("Second thoughts.") == 2
    assert Review.objects.get().body == review.body
    assert not review.revisions.exists()


def test_preview_says_what_is_wrong(client, film, member):
    client.force_login(member)
    answer = client.post(write_url(film), {"headline": "Mine", "body": "", "preview": "1"})
    assert answer.status_code == 400
    assert "This field is required." in text_of(answer)
    assert 'value="Mine"' in text_of(answer)


def test_saving_the_same_text_is_no_edit(client, film, member, review):
    client.force_login(member)
    client.post(write_url(film), {"headline": review.headline, "body": review.body, "score": "9"})
    assert Review.objects.get().edited_at is None
    assert Vote.objects.get().score == 9


def test_edit_keeps_the_earlier_text(client, film, member, review):
    client.force_login(member)
    client.post(write_url(film), {"body": "Second thoughts."})
    assert [earlier.body for earlier in review.revisions.all()] == [review.body]


def test_edit_never_undoes_what_a_moderator_did_meanwhile(film, member, review):
    form = ReviewForm({"body": "Milder."}, instance=review, voting_is_open=True)
    assert form.is_valid()
    Review.objects.update(status="hidden", reason="insults")
    assert _store(form, None)
    stored = Review.objects.get()
    assert (stored.body, stored.status, stored.reason) == ("Milder.", "hidden", "insults")


def test_edit_of_a_review_that_went_meanwhile_is_refused_with_a_reason(film, member, review):
    form = ReviewForm({"body": "Milder.", "score": "9"}, instance=review, voting_is_open=True)
    assert form.is_valid()
    Review.objects.all().delete()
    assert not _store(form, None)
    assert "was deleted meanwhile" in str(form.errors)
    assert not Vote.objects.exists()


@pytest.fixture
def holding(settings):
    settings.HOLD_FIRST_REVIEWS = True


def test_first_review_waits_where_the_site_wants_it(client, film, member, holding):
    client.force_login(member)
    assert "Readers will not see it at once." in text_of(client.get(write_url(film)))
    answer = client.post(write_url(film), {"body": "My first."}, follow=True)
    review = Review.objects.get()
    assert review.status == "held"
    assert "It waits for a moderator, then everybody can read it." in text_of(answer)
    assert review.reason in text_of(answer)
    assert "My first." not in text_of(Client().get(list_url(film)))


def test_editing_a_held_review_leaves_it_held(client, film, member, holding):
    client.force_login(member)
    client.post(write_url(film), {"body": "My first."})
    answer = client.post(write_url(film), {"body": "Better."}, follow=True)
    assert Review.objects.get().status == "held"
    assert "Readers still do not see the review." in text_of(answer)


def test_second_review_waits_while_the_first_does(client, film, member, holding):
    other = Film.objects.create(title="Gattaca", published_at=timezone.now())
    client.force_login(member)
    for each in (film, other):
        client.post(write_url(each), {"body": "Mine."})
    assert Review.objects.filter(status="held").count() == 2


def test_review_of_who_has_a_published_one_does_not_wait(client, film, member, review, holding):
    other = Film.objects.create(title="Gattaca", published_at=timezone.now())
    client.force_login(member)
    assert "Readers will not see it at once." not in text_of(client.get(write_url(other)))
    client.post(write_url(other), {"body": "Mine."})
    assert Review.objects.get(film=other).is_published


def test_first_review_of_staff_does_not_wait(client, film, moderator, holding):
    client.force_login(moderator)
    client.post(write_url(film), {"body": "Mine."})
    assert Review.objects.get().is_published


def test_no_review_waits_by_default(client, film, member):
    client.force_login(member)
    client.post(write_url(film), {"body": "Mine."})
    assert Review.objects.get().is_published


@pytest.mark.postgresql
def test_review_is_locked_before_it_is_deleted(client, member, review):
    client.force_login(member)
    with CaptureQueriesContext(connection) as queries:
        client.post(delete_url(review))
    about = [query["sql"] for query in queries if "reviews_" in query["sql"]]
    lock = next(n for n, sql in enumerate(about) if "FOR UPDATE" in sql)
    delete = next(n for n, sql in enumerate(about) if sql.startswith("DELETE"))
    assert lock < delete
