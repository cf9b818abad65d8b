"""The moderators' desk: votes set aside and counted again, reviews hidden, and the log."""

import re

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from films import triggers
from films.models import Film
from reviews import tally
from reviews.models import AudienceScore, Member, ModerationAct, Review, Vote
from reviews.models.moderation import APPEND_ONLY
from tests.conftest import make_member

VOTES = "/admin/reviews/vote/"
REVIEWS = "/admin/reviews/review/"
MEMBERS = "/admin/reviews/member/"
LOG = "/admin/reviews/moderationact/"


@pytest.fixture
def desk(client: Client, moderator: Member) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def votes(film: Film) -> list[Vote]:
    """Six votes on the film: 1, 10, 9, 9, 9, 9, which is 78.33 %."""
    voters = Member.objects.bulk_create(Member(username=f"voter-{n}") for n in range(6))
    for voter, score in zip(voters, (1, 10, 9, 9, 9, 9), strict=True):
        Vote.objects.cast(film, voter, score)
    return list(Vote.objects.order_by("pk"))


@pytest.fixture
def review(film: Film, member: Member) -> Review:
    return Review.objects.create(film=film, author=member, headline="Quiet", body="A *quiet* film.")


def act(desk: Client, address: str, name: str, subjects, reason: str | None = None, **data):
    """Choose rows and an action; with a reason, also confirm the page that asks for it."""
    data |= {"action": name, "_selected_action": [subject.pk for subject in subjects]}
    if reason is not None:
        data = {"reason": reason, "shown": len(subjects)} | data
    return desk.post(address, data)


def statuses() -> list[str]:
    return list(Vote.objects.order_by("pk").values_list("status", flat=True))


# --- Votes ---


def test_vote_list_shows_film_voter_and_stars(desk, votes):
    page = desk.get(VOTES, {"q": "voter-0"}).content.decode()
    assert "Never Let Me Go (2010)" in page
    assert "voter-0" in page
    assert re.search(r'class="field-stars"><a href="[^"]+">½</a>', page)
    assert "voter-1" not in page


def test_votes_are_found_by_film_and_filtered_by_status_and_score(desk, votes, draft, member):
    Vote.objects.cast(draft, member, 3)
    for query, found in (
        ({"q": "never let"}, 6),
        ({"q": "Not Yet"}, 1),
        ({"q": "nothing such"}, 0),
        ({"score": "9"}, 4),
        ({"status__exact": "held"}, 0),
    ):
        assert desk.get(VOTES, query).context["cl"].result_count == found, query


@pytest.mark.parametrize("address", [VOTES, REVIEWS, LOG])
def test_lists_cost_the_same_number_of_queries_for_many_rows(desk, film, moderator, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        return len(asked)

    def rows(start: int, end: int) -> None:
        voters = [Member(username=f"writer-{n}") for n in range(start, end)]
        for voter in Member.objects.bulk_create(voters):
            Vote.objects.cast(film, voter, 8)
            Review.objects.create(film=film, author=voter, body="Text")
        ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "burst")
        ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "counted", "no burst")

    rows(0, 2)
    few = queries()
    rows(2, 12)
    assert queries() == few


def test_holding_asks_for_a_reason_and_shows_score_before_and_after(desk, votes):
    answer = act(desk, VOTES, "hold", votes[:1])
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 200
    assert "1 vote, on this film:" in page
    assert "78.33% of 6 votes" in page
    assert "92.00% of 5 votes" in page
    assert statuses() == ["counted"] * 6
    assert AudienceScore.objects.get().percent == 7833


def test_held_votes_leave_the_score_and_are_logged_one_by_one(desk, votes, moderator, film):
    answer = act(desk, VOTES, "hold", votes[:2], "A burst from new accounts")
    assert answer.status_code == 302
    assert statuses() == ["held", "held", *["counted"] * 4]
    assert AudienceScore.objects.get().held == 2
    assert Vote.objects.get(pk=votes[0].pk).reason == "A burst from new accounts"
    assert list(
        ModerationAct.objects.order_by("subject_id").values_list(
            "actor_id", "what", "subject_id", "film_id", "before", "after", "reason"
        )
    ) == [
        (moderator.pk, "vote", vote.pk, film.pk, "counted", "held", "A burst from new accounts")
        for vote in votes[:2]
    ]


def test_discounted_vote_counts_again_without_its_reason(desk, votes):
    act(desk, VOTES, "discount", votes[:1], "A brigade")
    assert AudienceScore.objects.get().percent == 9200
    act(desk, VOTES, "count_again", votes[:1], "A mistake")
    vote = Vote.objects.get(pk=votes[0].pk)
    assert (vote.status, vote.reason) == ("counted", "")
    assert AudienceScore.objects.get().percent == 7833
    latest = ModerationAct.objects.all()[0]
    assert (latest.before, latest.after, latest.reason) == ("discounted", "counted", "A mistake")


def test_votes_already_in_that_state_are_skipped(desk, votes):
    act(desk, VOTES, "hold", votes[:2], "first")
    page = act(desk, VOTES, "hold", votes[:3]).content.decode()
    assert "2 more are so already" in page
    act(desk, VOTES, "hold", votes[:3], "second", shown=1)
    assert list(Vote.objects.order_by("pk").values_list("reason", flat=True))[:3] == [
        "first",
        "first",
        "second",
    ]
    assert ModerationAct.objects.count() == 3


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_act_without_a_reason_of_1_to_300_characters_does_nothing(desk, votes, reason):
    answer = act(desk, VOTES, "hold", votes[:1], reason)
    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert statuses() == ["counted"] * 6
    assert not ModerationAct.objects.exists()


def test_list_that_changed_meanwhile_is_shown_again(desk, votes):
    answer = act(desk, VOTES, "hold", votes[:3], "burst", shown=2)
    assert "changed meanwhile" in answer.content.decode()
    assert statuses() == ["counted"] * 6


def test_all_pages_of_a_filtered_list_are_acted_on(desk, votes):
    data = {"select_across": "1", "reason": "burst", "shown": 4}
    answer = desk.post(
        VOTES + "?score=9", {"action": "hold", "_selected_action": [votes[2].pk], **data}
    )
    assert answer.status_code == 302
    assert statuses() == ["counted", "counted", *["held"] * 4]


@pytest.mark.parametrize("who", ["moderator", "superuser"])
def test_nobody_moderates_their_own_vote(request, client, votes, film, who):
    person = request.getfixturevalue(who)
    client.force_login(person)
    Vote.objects.cast(film, person, 10)
    own = Vote.objects.get(member=person)
    for reason in (None, "mine"):
        answer = act(client, VOTES, "hold", [votes[0], own], reason)
        assert answer.status_code == 403
        assert "Nobody moderates their own." in answer.content.decode()
    assert set(statuses()) == {"counted"}
    assert not ModerationAct.objects.exists()
    assert 'value="hold"' not in client.get(f"{VOTES}{own.pk}/change/").content.decode()


def test_one_votes_page_offers_the_acts_that_are_open_to_it(desk, votes):
    page = desk.get(f"{VOTES}{votes[0].pk}/change/").content.decode()
    assert 'value="hold"' in page
    assert 'value="discount"' in page
    assert 'value="count_again"' not in page
    assert 'name="_save"' not in page
    act(desk, VOTES, "hold", votes[:1], "A burst")
    page = desk.get(f"{VOTES}{votes[0].pk}/change/").content.decode()
    assert 'value="count_again"' in page
    act(desk, VOTES, "count_again", votes[:1], "It was none")
    page = desk.get(f"{VOTES}{votes[0].pk}/change/").content.decode()
    assert "moderator.mo: counted → held. A burst</div>" in page
    assert "moderator.mo: held → counted. It was none</div>" in page


def test_score_and_vote_cannot_be_edited_added_or_deleted_in_the_admin(client, votes, superuser):
    client.force_login(superuser)
    one = f"{VOTES}{votes[0].pk}/"
    for answer in (
        client.post(one + "change/", {"score": 2}),
        client.get(VOTES + "add/"),
        client.post(VOTES + "add/", {"score": 2}),
        client.post(one + "delete/", {"post": "yes"}),
    ):
        assert answer.status_code == 403
    act(client, VOTES, "delete_selected", votes, post="yes")
    assert Vote.objects.count() == 6
    assert Vote.objects.get(pk=votes[0].pk).score == 1
    assert not admin.site.is_registered(AudienceScore)


@pytest.mark.parametrize("who", ["member", "editor"])
def test_only_moderators_act_on_votes(request, client, votes, who):
    client.force_login(request.getfixturevalue(who))
    assert act(client, VOTES, "hold", votes, "burst").status_code in {302, 403}
    assert statuses() == ["counted"] * 6


# --- Reviews ---


def test_hidden_review_keeps_the_reason_its_author_reads(desk, review, client):
    page = act(desk, REVIEWS, "hide", [review]).content.decode()
    assert "The author reads it" in page
    act(desk, REVIEWS, "hide", [review], "Names a private person")
    review.refresh_from_db()
    assert (review.status, review.reason) == ("hidden", "Names a private person")
    assert not Review.objects.published().exists()


def test_restored_review_has_no_reason_and_the_log_has_it(desk, review):
    act(desk, REVIEWS, "hide", [review], "Too fast")
    act(desk, REVIEWS, "restore", [review], "Nothing wrong with it")
    review.refresh_from_db()
    assert (review.status, review.reason) == ("published", "")
    assert list(ModerationAct.objects.values_list("what", "before", "after", "reason")) == [
        ("review", "hidden", "published", "Nothing wrong with it"),
        ("review", "published", "hidden", "Too fast"),
    ]


def test_nobody_hides_or_deletes_their_own_review_at_the_desk(client, film, superuser):
    client.force_login(superuser)
    own = Review.objects.create(film=film, author=superuser, body="Mine")
    for name in ("hide", "delete_for_good"):
        assert act(client, REVIEWS, name, [own], "mine").status_code == 403
    own.refresh_from_db()
    assert own.status == "published"


def test_moderator_cannot_delete_a_review(desk, review):
    act(desk, REVIEWS, "delete_for_good", [review], "spam")
    assert desk.post(f"{REVIEWS}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Review.objects.exists()


def test_superuser_deletes_a_review_with_a_reason(client, superuser, review):
    client.force_login(superuser)
    assert act(client, REVIEWS, "delete_for_good", [review], "Spam").status_code == 302
    assert not Review.objects.exists()
    assert ModerationAct.objects.get().after == "deleted"


def test_nobody_edits_anothers_text(client, superuser, review):
    client.force_login(superuser)
    address = f"{REVIEWS}{review.pk}/change/"
    assert client.post(address, {"headline": "Loud", "body": "Other"}).status_code == 403
    review.refresh_from_db()
    assert review.headline == "Quiet"


def test_review_text_is_shown_as_text(desk, review):
    Review.objects.update(headline="<b>H</b>", body="<script>alert(1)</script>\n\n![](x)")
    for address in (f"{REVIEWS}{review.pk}/change/", REVIEWS):
        page = desk.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>H</b>" not in page
    assert "<b>H" not in act(desk, REVIEWS, "hide", [review]).content.decode()


# --- The log ---


def test_log_tells_who_what_and_why_with_links(desk, votes, film):
    act(desk, VOTES, "hold", votes[:1], "A burst")
    page = desk.get(LOG).content.decode()
    assert "moderator.mo" in page
    assert f'<a href="{reverse("admin:reviews_vote_change", args=[votes[0].pk])}">' in page
    assert f'<a href="{film.get_absolute_url()}">' in page
    assert "counted → held" in page
    assert "A burst" in page


def test_log_outlives_what_it_speaks_of(client, superuser, moderator, votes, film):
    ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "A burst")
    film_number, actor = film.pk, moderator.pk
    film.delete()
    moderator.delete()
    client.force_login(superuser)
    page = client.get(LOG).content.decode()
    assert f"film {film_number}, gone" in page
    assert f"member {actor}, gone" in page
    assert f"vote {votes[0].pk}, gone" in page


def test_log_is_changed_by_nobody_at_the_desk(client, superuser, moderator, votes):
    ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "A burst")
    entry = ModerationAct.objects.all()[0]
    client.force_login(superuser)
    assert client.get(f"{LOG}{entry.pk}/change/").status_code == 200
    assert client.post(f"{LOG}{entry.pk}/change/", {"reason": "none"}).status_code == 403
    assert client.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LOG}add/").status_code == 403
    act(client, LOG, "delete_selected", [entry], post="yes")
    assert ModerationAct.objects.count() == 6


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews_moderationact SET reason = 'other'",
        "DELETE FROM reviews_moderationact",
    ],
)
def test_database_refuses_to_change_the_log(moderator, votes, statement):
    ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "A burst")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ModerationAct.objects.filter(reason="A burst").count() == 6


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_flush_empties_the_log_and_leaves_it_guarded():
    ModerationAct.objects.create(
        actor_id=1, what="vote", subject_id=1, film_id=1, before="a", after="b", reason="c"
    )
    call_command("flush", interactive=False, verbosity=0)
    assert not ModerationAct.objects.exists()
    assert triggers.missing(APPEND_ONLY, connection) == []
    assert tally.missing() == []


# --- Members ---


@pytest.mark.parametrize("who", ["member", "editor"])
def test_members_are_for_moderators_and_superusers(request, client, other_member, who):
    client.force_login(request.getfixturevalue(who))
    for address in (MEMBERS, f"{MEMBERS}{other_member.pk}/change/"):
        answer = client.get(address)
        assert answer.status_code in {302, 403}
        assert "other_member@example.org" not in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "group"), [("make_editor", "Editors"), ("make_moderator", "Moderators")]
)
def test_one_action_brings_a_member_to_the_desk(client, superuser, member, name, group):
    client.force_login(superuser)
    act(client, MEMBERS, name, [member])
    member.refresh_from_db()
    assert member.is_staff
    assert [found.name for found in member.groups.all()] == [group]
    assert Client().get("/admin/").status_code == 302
    client.force_login(member)
    assert client.get("/admin/").status_code == 200


def test_demotion_acts_on_the_next_request(desk, superuser, moderator, votes):
    assert desk.get(VOTES).status_code == 200
    other = Client()
    other.force_login(superuser)
    act(other, MEMBERS, "take_from_the_desk", [moderator])
    assert desk.get(VOTES).status_code == 403
    assert act(desk, VOTES, "hold", votes, "burst").status_code == 403
    assert statuses() == ["counted"] * 6


def test_superuser_is_not_taken_from_the_desk_by_the_action(client, superuser):
    client.force_login(superuser)
    act(client, MEMBERS, "take_from_the_desk", [superuser])
    superuser.refresh_from_db()
    assert superuser.is_staff


def test_superuser_edits_a_member_but_not_their_address(client, superuser, member):
    client.force_login(superuser)
    address = f"{MEMBERS}{member.pk}/change/"
    answer = client.post(
        address, {"username": "member", "display_name": "Me", "email": "other@example.org"}
    )
    assert answer.status_code == 302
    member.refresh_from_db()
    assert (member.display_name, member.email) == ("Me", "member@example.org")
    assert member.is_active


def test_superuser_adds_a_member(client, superuser):
    client.force_login(superuser)
    assert client.get(f"{MEMBERS}add/").status_code == 200
    secret = "a-long-word-and-another"
    answer = client.post(
        f"{MEMBERS}add/",
        {
            "username": "newcomer",
            "email": "newcomer@example.org",
            "usable_password": "true",
            "password1": secret,
            "password2": secret,
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    assert Member.objects.get(username="newcomer").check_password(secret)


def test_username_differing_in_case_is_refused_with_a_sentence(client, superuser, member):
    client.force_login(superuser)
    data = {"username": "MEMBER", "password1": "a-long-word-x", "password2": "a-long-word-x"}
    answer = client.post(f"{MEMBERS}add/", data | {"usable_password": "true"})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["username"] == ["This username is taken."]


def test_delete_page_counts_votes_and_reviews(client, superuser, member, film, votes, review):
    Vote.objects.cast(film, member, 8)
    client.force_login(superuser)
    page = " ".join(client.get(f"{MEMBERS}{member.pk}/delete/").content.decode().split())
    assert "<li>1 vote</li>" in page
    assert "<li>1 review</li>" in page
    assert "(counted)" not in page


@pytest.mark.parametrize("door", ["page", "action"])
def test_deleted_member_takes_votes_and_reviews_along(
    client, superuser, member, film, votes, review, door
):
    Vote.objects.cast(film, member, 1)
    client.force_login(superuser)
    if door == "page":
        answer = client.post(f"{MEMBERS}{member.pk}/delete/", {"post": "yes"})
    else:
        answer = act(client, MEMBERS, "delete_selected", [member], post="yes")
    assert answer.status_code == 302
    assert not Member.objects.filter(pk=member.pk).exists()
    assert AudienceScore.objects.get().percent == 7833
    assert not Review.objects.exists()


def test_deactivated_member_is_signed_out_at_once(client, superuser, film):
    gone = make_member("gone")
    client.force_login(gone)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    assert not client.get("/account/login/").wsgi_request.user.is_authenticated
