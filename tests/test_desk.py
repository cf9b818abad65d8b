"""What waits for moderators, and how they settle it: reports, members, newcomers' votes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from films.models import Film
from reviews.models import (
    Alert,
    AudienceScore,
    Member,
    ModerationAct,
    NewcomerHold,
    Report,
    Review,
    Session,
    Vote,
)
from tests.conftest import make_member

DESK = "/admin/"
VOTES = "/admin/reviews/vote/"
REVIEWS = "/admin/reviews/review/"
REPORTS = "/admin/reviews/report/"
MEMBERS = "/admin/reviews/member/"
HOLDS = "/admin/reviews/newcomerhold/"
ALERTS = "/admin/reviews/alert/"
LOG = "/admin/reviews/moderationact/"
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(client: Client, moderator: Member) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def review(film: Film, member: Member) -> Review:
    return Review.objects.create(film=film, author=member, headline="Quiet", body="A *quiet* film.")


def report(review: Review, *members: Member, why: str = "abuse", note: str = "") -> list[Report]:
    return [
        Report.objects.create(review=review, member=member, why=why, note=note)
        for member in members
    ]


def act(desk: Client, address: str, name: str, subjects: Any, reason: str = "Why", **data: Any):
    """Choose rows and an action, and confirm the page that asks for the reason."""
    data = {"shown": len(subjects), "reason": reason} | data
    chosen = [subject.pk for subject in subjects]
    return desk.post(address, data | {"action": name, "_selected_action": chosen})


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def alert_on(film: Film) -> Alert:
    now = timezone.now()
    return Alert.objects.create(
        film=film,
        kind="burst",
        end="low",
        since=now - HOUR,
        until=now,
        votes=24,
        young=20,
        at_end=22,
    )


def brigade(film: Film, number: int, score: int = 1, name: str = "fresh") -> list[Member]:
    """New accounts that each have just voted on the film."""
    members = Member.objects.bulk_create(
        [Member(username=f"{name}-{n}", password="!") for n in range(number)]
    )
    for member in members:
        Vote.objects.cast(film, member, score)
    return members


# --- The first page ---


def test_first_page_tells_that_nothing_waits(desk):
    assert "Nothing waits." in desk.get(DESK).content.decode()


def test_first_page_begins_with_what_waits(
    desk, film, draft, review, member, other_member, editor, moderator
):
    alert = alert_on(film)
    report(review, other_member, editor)
    held = Review.objects.create(
        film=film, author=other_member, body="First", status="held", reason="A first review"
    )
    brigade(film, 3)
    ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "A burst")
    until = timezone.now() + timedelta(days=2)
    NewcomerHold.objects.switch_on(draft, moderator, younger_than=3, until=until, reason="A burst")
    page = text(desk.get(DESK))
    for words in (
        "1 alert",
        f'<a href="{ALERTS}{alert.pk}/change/">',
        "1 reported review",
        f'<a href="{REVIEWS}{review.pk}/change/">',
        "member, 2 reports",
        "1 held review",
        f'<a href="{REVIEWS}{held.pk}/change/">',
        "3 held votes",
        f'<a href="{VOTES}?film={film.pk}&amp;status__exact=held">',
        "Newcomers’ votes are held on 1 film",
        f'<a href="{HOLDS}{draft.pk}/change/#off">Switch off</a>',
    ):
        assert words in page, words
    assert "Nothing waits." not in page
    assert page.index("1 alert") < page.index("1 reported review") < page.index("Moderation acts")


def test_first_page_names_the_most_reported_first_and_the_longest_waiting_next(
    desk, film, draft, review, member, other_member, editor
):
    second = Review.objects.create(film=draft, author=member, body="Second", headline="Second")
    report(second, other_member, editor)
    report(review, other_member)
    rows = desk.get(DESK).context["waiting"]["reported"]["rows"]
    assert [(row.pk, n) for row, n in rows] == [(second.pk, 2), (review.pk, 1)]


def test_settled_alerts_reports_and_ended_holds_do_not_wait(desk, film, review, editor, moderator):
    ModerationAct.objects.carry_out(
        Alert.objects.filter(pk=alert_on(film).pk), moderator, "dismissed", "An opening day"
    )
    report(review, editor)
    ModerationAct.objects.carry_out(Report.objects.all(), moderator, "dismissed", "It is fine")
    until = timezone.now() - HOUR
    NewcomerHold.objects.create(film=film, younger_than=3, until=until, reason="A burst")
    page = desk.get(DESK).content.decode()
    assert "Nothing waits." in page
    assert "are held on" not in page


def test_editors_first_page_says_nothing_of_what_waits(client, editor, film):
    alert_on(film)
    client.force_login(editor)
    page = client.get(DESK).content.decode()
    assert "1 alert" not in page
    assert "Nothing waits." not in page


def test_first_page_costs_the_same_number_of_queries_however_much_waits(desk, moderator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(DESK).status_code == 200
        return len(asked)

    def more(start: int, end: int) -> None:
        for n in range(start, end):
            film = Film.objects.create(title=f"Film {n}", published_at=timezone.now())
            one, other = (make_member(f"{name}-{n}") for name in ("one", "other"))
            text = Review.objects.create(film=film, author=one, body="Text")
            report(text, other)
            held = Review(film=film, author=other, body="First", status="held", reason="First")
            held.save()
            Vote.objects.cast(film, one, 1)
            alert_on(film)
            until = timezone.now() + HOUR
            NewcomerHold.objects.create(film=film, younger_than=3, until=until, reason="Burst")
        ModerationAct.objects.carry_out(Vote.objects.all(), moderator, "held", "Burst")

    more(0, 1)
    few = queries()
    more(1, 14)
    assert queries() == few


# --- Reports ---


def test_reported_review_shows_who_reported_it_and_why(desk, review, other_member):
    report(review, other_member, why="spoiler", note="The second <b>sentence</b>")
    listed = text(desk.get(REVIEWS, {"reported": "open"}))
    assert "Quiet" in listed
    page = text(desk.get(f"{REVIEWS}{review.pk}/change/"))
    assert "other_member</a>: It gives away what happens – The second &lt;b&gt;" in page
    assert 'value="hide"' in page
    assert 'value="keep"' in page


def test_hiding_a_review_upholds_its_reports_with_the_same_reason(
    desk, film, review, other_member, editor, moderator
):
    open_reports = report(review, other_member, editor)
    act(desk, REVIEWS, "hide", [review], "It insults somebody")
    assert Review.objects.get().status == "hidden"
    assert set(Report.objects.values_list("status", "reason")) == {
        ("upheld", "It insults somebody")
    }
    assert set(
        ModerationAct.objects.values_list("actor_id", "what", "subject_id", "film_id", "after")
    ) == {
        (moderator.pk, "review", review.pk, film.pk, "hidden"),
        *((moderator.pk, "report", one.pk, film.pk, "upheld") for one in open_reports),
    }


def test_kept_review_stays_and_its_reports_are_dismissed(desk, review, other_member, editor):
    report(review, other_member, editor)
    answer = act(desk, REVIEWS, "keep", [review], "A hard word, but a fair one", one="1")
    assert answer.url == DESK
    assert Review.objects.get().is_published
    assert set(Report.objects.values_list("status", "reason")) == {
        ("dismissed", "A hard word, but a fair one")
    }
    assert ModerationAct.objects.filter(what="report", after="dismissed").count() == 2
    assert "Nothing waits." in desk.get(DESK).content.decode()


def test_settled_reports_stay_settled(desk, review, other_member, editor):
    report(review, other_member)
    act(desk, REVIEWS, "keep", [review], "Fair")
    report(review, editor)
    act(desk, REVIEWS, "hide", [review], "Not any more")
    assert list(Report.objects.order_by("pk").values_list("status", "reason")) == [
        ("dismissed", "Fair"),
        ("upheld", "Not any more"),
    ]


def test_report_that_came_in_while_its_review_was_hidden_is_upheld_by_hiding_it_again(
    desk, review, other_member
):
    act(desk, REVIEWS, "hide", [review], "An insult")
    report(review, other_member)
    act(desk, REVIEWS, "hide", [review], "The same insult")
    assert Report.objects.get().status == "upheld"
    assert ModerationAct.objects.filter(what="review").count() == 1


@pytest.mark.parametrize("name", ["hide", "keep"])
def test_nobody_settles_reports_of_their_own_review_or_reads_who_made_them(
    client, film, superuser, other_member, name
):
    client.force_login(superuser)
    own = Review.objects.create(film=film, author=superuser, body="Mine")
    report(own, other_member, note="A secret note")
    assert act(client, REVIEWS, name, [own]).status_code == 403
    assert Report.objects.get().status == "open"
    for address in (DESK, REPORTS, f"{REVIEWS}{own.pk}/change/", f"{REVIEWS}?reported=open"):
        page = client.get(address).content.decode()
        assert "A secret note" not in page
        assert "1 report" not in page
        assert "other_member" not in page
    one = client.get(f"{REPORTS}{Report.objects.get().pk}/change/")
    assert one.status_code == 302


def test_held_review_is_published_and_hidden_one_restored_by_acts_of_their_own(desk, review):
    Review.objects.update(status="held", reason="A first review")
    page = desk.get(f"{REVIEWS}{review.pk}/change/").content.decode()
    assert 'value="publish"' in page
    assert 'value="restore"' not in page
    asks = desk.post(REVIEWS, {"action": "publish", "_selected_action": [review.pk]})
    assert "Nothing against it." in asks.content.decode()
    act(desk, REVIEWS, "publish", [review], "Nothing against it.")
    assert Review.objects.get().is_published
    act(desk, REVIEWS, "hide", [review], "An insult")
    act(desk, REVIEWS, "publish", [review], "x", shown=0)
    assert Review.objects.get().status == "hidden"


# --- Votes ---


def listed(desk: Client, **query: Any) -> set[str]:
    found = desk.get(VOTES, query).context["cl"].result_list
    return {vote.member.username for vote in found}


def test_votes_are_filtered_by_the_accounts_age_at_voting(desk, film):
    now = timezone.now()
    for days in (0, 2, 5, 20, 200):
        joined = now - timedelta(days=days, hours=1)
        Vote.objects.cast(film, make_member(f"days-{days}", date_joined=joined), 1)
    imported = Member.objects.create(username="imported", imported_as="movielens-1")
    Vote.objects.cast(film, imported, 1)
    for days, names in {
        1: {"days-0"},
        3: {"days-0", "days-2"},
        7: {"days-0", "days-2", "days-5"},
        30: {"days-0", "days-2", "days-5", "days-20"},
    }.items():
        assert listed(desk, younger=days) == names
    assert listed(desk, younger=4) == set()


def test_votes_are_filtered_by_the_hour(desk, film, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    for name, minutes in {"before": -1, "first": 0, "last": 59, "after": 60}.items():
        Vote.objects.cast(film, make_member(name), 1)
        moment = start + timedelta(minutes=minutes, seconds=30 if name == "last" else 0)
        Vote.objects.filter(member__username=name).update(cast_at=moment, changed_at=moment)
    first = Vote.objects.get(member__username="first")
    page = desk.get(f"{VOTES}{first.pk}/change/").content.decode()
    address = page.split('title="Votes on this film in this hour"')[0].rpartition('href="')[2]
    query = address.split('"')[0].partition("?")[2].replace("&amp;", "&")
    found = desk.get(f"{VOTES}?{query}").context["cl"].result_list
    assert {vote.member.username for vote in found} == {"first", "last"}


@pytest.mark.parametrize("query", [{"voted_from": "soon"}, {"voted_to": "2026-13-01T00:00"}])
def test_moment_that_cannot_be_read_lists_no_vote(desk, film, member, query):
    Vote.objects.cast(film, member, 1)
    assert listed(desk, **query) == set()


def test_votes_of_one_film_stand_under_its_score(desk, film, member, other_member, moderator):
    Vote.objects.cast(film, member, 8)
    Vote.objects.cast(film, other_member, 1)
    ModerationAct.objects.carry_out(
        Vote.objects.filter(member=other_member), moderator, "held", "A burst"
    )
    page = text(desk.get(VOTES, {"film": film.pk}))
    assert "80.00% of 1 vote" in page
    assert "1 held, 0 discounted" in page
    assert f'href="{HOLDS}{film.pk}/change/"' in page
    assert desk.get(VOTES, {"film": "x"}).status_code == 302
    assert listed(desk, member=member.pk) == {"member"}


def test_discounting_a_brigade_moves_the_score_back_and_counting_again_restores_it(
    desk, film, moderator
):
    brigade(film, 30, 8, "friend")
    before = AudienceScore.objects.values().get()
    brigade(film, 20)
    stormed = AudienceScore.objects.values().get()
    assert stormed["percent"] < before["percent"]
    query = f"{VOTES}?film={film.pk}&score=1"
    first = Vote.objects.filter(score=1)[:1]
    all_of_them = {"select_across": "1", "shown": 20}
    asks = desk.post(
        query, {"action": "discount", "_selected_action": [first[0].pk], **all_of_them}
    )
    assert "80.00% of 30 votes" in text(asks)
    assert AudienceScore.objects.values().get() == stormed
    act(desk, query, "discount", first, "A brigade", **all_of_them)
    assert AudienceScore.objects.values().get() == {**before, "discounted": 20}
    act(desk, query, "count_again", first, "Fans, not a brigade", **all_of_them)
    assert AudienceScore.objects.values().get() == stormed
    for after, reason in (("discounted", "A brigade"), ("counted", "Fans, not a brigade")):
        logged = ModerationAct.objects.filter(what="vote", after=after, reason=reason)
        assert logged.filter(actor_id=moderator.pk, film_id=film.pk).count() == 20


def test_more_votes_than_a_statement_takes_are_acted_on_at_once(desk, film):
    brigade(film, 2_500)
    first = Vote.objects.all()[:1]
    everything = {"select_across": "1", "shown": 2_500}
    act(desk, f"{VOTES}?film={film.pk}", "discount", first, "A brigade", **everything)
    assert AudienceScore.objects.get().discounted == 2_500


def test_votes_that_came_in_after_the_look_are_not_acted_on(desk, film):
    brigade(film, 3)
    first = Vote.objects.all()[:1]
    seen = {"select_across": "1", "shown": 2}
    answer = act(desk, f"{VOTES}?film={film.pk}", "discount", first, "A brigade", **seen)
    assert "changed meanwhile" in answer.content.decode()
    assert AudienceScore.objects.get().discounted == 0
    assert not ModerationAct.objects.exists()


def test_score_page_leads_moderators_and_nobody_else_to_its_votes(desk, client, film, member):
    link = f'<a href="{VOTES}?film={film.pk}">'
    page = f"/films/{film.slug}/score/"
    assert link in desk.get(page).content.decode()
    client.force_login(member)
    assert link not in client.get(page).content.decode()
    assert link not in Client().get(page).content.decode()


# --- Newcomers' votes ---


def switch(desk: Client, film: Film, **changes: Any):
    data = {"younger_than": 3, "until": in_days(5), "reason": "A burst"} | changes
    return desk.post(f"{HOLDS}{film.pk}/change/", data)


def in_days(days: int) -> str:
    return (timezone.localtime() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def test_newcomers_votes_on_a_film_are_held_until_they_are_switched_off(
    desk, film, moderator, member
):
    assert switch(desk, film).status_code == 302
    Vote.objects.cast(Film.objects.get(), member, 1)
    assert list(Vote.objects.values_list("status", "reason")) == [("held", "A burst")]
    desk.post(f"{HOLDS}{film.pk}/change/", {"off": "Switch off", "off-reason": "It is over"})
    assert not NewcomerHold.objects.exists()
    assert list(
        ModerationAct.objects.order_by("pk").values_list(
            "actor_id", "what", "subject_id", "before", "after", "reason"
        )
    ) == [
        (moderator.pk, "newcomerhold", film.pk, "off", "3 d", "A burst"),
        (moderator.pk, "newcomerhold", film.pk, "3 d", "off", "It is over"),
    ]
    desk.post(f"{HOLDS}{film.pk}/change/", {"off": "Switch off", "off-reason": "Again"})
    assert ModerationAct.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ""},
        {"reason": "x" * 301},
        {"younger_than": 2},
        {"until": in_days(-1)},
        {"until": in_days(91)},
        {"until": "soon"},
    ],
)
def test_switch_wants_a_known_age_a_moment_within_90_days_and_a_reason(desk, film, changes):
    answer = switch(desk, film, **changes)
    assert answer.status_code == 200
    assert list(answer.context["on"].errors) == list(changes)
    assert not NewcomerHold.objects.exists()
    assert not ModerationAct.objects.exists()


@pytest.mark.parametrize("who", ["member", "editor"])
def test_only_moderators_switch(request, client, film, who):
    client.force_login(request.getfixturevalue(who))
    assert switch(client, film).status_code == 403
    assert not NewcomerHold.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 400, "x", "٣"])
def test_switch_of_a_film_that_is_not_there_is_not_found(desk, number):
    assert desk.get(f"{HOLDS}{number}/change/").status_code == 404


# --- Members ---


def test_moderators_read_members_without_addresses_and_rights(desk, superuser, editor, film):
    member = make_member("penguin", about="I <b>swim</b>", display_name="Pen Guin")
    Vote.objects.cast(film, member, 8)
    for address in (MEMBERS, f"{MEMBERS}{member.pk}/change/", f"{MEMBERS}{editor.pk}/change/"):
        page = desk.get(address).content.decode()
        for hidden in ("@example.org", "Superuser", "Groups", "md5", "Last login"):
            assert hidden not in page, (address, hidden)
    page = text(desk.get(f"{MEMBERS}{member.pk}/change/"))
    assert "Pen Guin" in page
    assert "I &lt;b&gt;swim&lt;/b&gt;" in page
    assert f'<a href="{VOTES}?member={member.pk}">1</a>' in page
    assert 'value="suspend"' in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize(
    "query",
    ["email__startswith=p", "password__contains=a", "is_superuser__exact=1", "groups__id__exact=1"],
)
def test_moderators_cannot_filter_members_by_what_they_may_not_see(desk, member, query):
    assert desk.get(f"{MEMBERS}?{query}").status_code == 400


def test_moderators_do_not_find_members_by_their_address(desk, client, superuser):
    make_member("penguin")
    found = "penguin@example.org"
    assert desk.get(MEMBERS, {"q": found}).context["cl"].result_count == 0
    assert desk.get(MEMBERS, {"q": "penguin"}).context["cl"].result_count == 1
    ask = "/admin/autocomplete/?app_label=reviews&model_name=vote&field_name=member&term="
    assert desk.get(ask + found).json()["results"] == []
    client.force_login(superuser)
    assert client.get(MEMBERS, {"q": found}).context["cl"].result_count == 1


def test_moderators_change_nothing_of_a_member_but_the_state(desk, member):
    address = f"{MEMBERS}{member.pk}/"
    for answer in (
        desk.post(address + "change/", {"username": "other", "is_superuser": "on"}),
        desk.get(MEMBERS + "add/"),
        desk.post(address + "delete/", {"post": "yes"}),
        desk.get(address + "password/"),
        desk.get(address + "history/"),
    ):
        assert answer.status_code == 403
    act(desk, MEMBERS, "make_moderator", [member])
    act(desk, MEMBERS, "delete_selected", [member], post="yes")
    member.refresh_from_db()
    assert (member.username, member.is_staff, member.is_superuser) == ("member", False, False)


def test_suspended_member_is_signed_out_at_once_and_let_in_again(desk, member, moderator):
    theirs = Client()
    theirs.force_login(member)
    assert theirs.get("/account/email/").status_code == 200
    page = desk.post(MEMBERS, {"action": "suspend", "_selected_action": [member.pk]})
    assert "They read it when they try to sign in." in page.content.decode()
    act(desk, MEMBERS, "suspend", [member], "Twenty accounts")
    member.refresh_from_db()
    assert (member.is_active, member.suspended_because) == (False, "Twenty accounts")
    assert not Session.objects.filter(member_id=member.pk).exists()
    assert theirs.get("/account/email/").status_code == 302
    assert 'value="let_in"' in desk.get(f"{MEMBERS}{member.pk}/change/").content.decode()
    act(desk, MEMBERS, "let_in", [member], "A mistake")
    member.refresh_from_db()
    assert (member.is_active, member.suspended_because) == (True, "")
    assert list(
        ModerationAct.objects.order_by("pk").values_list(
            "actor_id", "what", "subject_id", "film_id", "before", "after", "reason"
        )
    ) == [
        (moderator.pk, "member", member.pk, None, "active", "suspended", "Twenty accounts"),
        (moderator.pk, "member", member.pk, None, "suspended", "active", "A mistake"),
    ]


@pytest.mark.parametrize("who", ["moderator", "superuser"])
def test_nobody_suspends_themselves_or_who_works_at_the_desk(request, client, editor, member, who):
    person = request.getfixturevalue(who)
    client.force_login(person)
    for chosen in ([person], [editor], [member, editor]):
        assert act(client, MEMBERS, "suspend", chosen).status_code == 403
    assert not Member.objects.filter(is_active=False).exists()
    for address in (person, editor):
        page = client.get(f"{MEMBERS}{address.pk}/change/").content.decode()
        assert 'value="suspend"' not in page


def test_superuser_suspends_by_an_act_too_and_not_by_the_form(client, superuser, member):
    client.force_login(superuser)
    act(client, MEMBERS, "suspend", [member], "A brigade")
    form = {"username": "member", "display_name": "Me", "is_active": "on"}
    assert client.post(f"{MEMBERS}{member.pk}/change/", form).status_code == 302
    member.refresh_from_db()
    assert (member.display_name, member.is_active) == ("Me", False)


# --- Alerts ---


def test_alert_shows_both_scores_hours_and_ages_and_acts_on_its_votes_alone(desk, film):
    old = timezone.now() - timedelta(days=100)
    for n in range(6):
        Vote.objects.cast(film, make_member(f"old-{n}", date_joined=old), 8)
    brigade(film, 3)
    alert = alert_on(film)
    page = text(desk.get(f"{ALERTS}{alert.pk}/change/"))
    assert "The score now: 56.67% of 9 votes" in page
    assert "Without the votes that this is about: 80.00% of 6 votes" in page
    assert "<td>9</td><td>3</td><td>3</td>" in page
    assert "Less than an hour</th><td>3</td>" in page
    assert "More than 30 days</th><td>6</td>" in page
    form = page.partition('<form method="post" action="/admin/reviews/vote/')[2].partition("</form")
    assert 'name="select_across" value="1"' in form[0]
    query = VOTES + form[0].partition('"')[0].replace("&amp;", "&")
    first = Vote.objects.filter(score=1)[:1]
    asks = desk.post(
        query, {"action": "hold", "_selected_action": [first[0].pk], "select_across": "1"}
    )
    assert "3 votes, on these films:" in text(asks)
    act(desk, query, "hold", first, "A brigade", select_across="1", shown=3)
    assert AudienceScore.objects.get().held == 3
    assert "0 of these votes count now." in text(desk.get(f"{ALERTS}{alert.pk}/change/"))
    assert listed(desk, alert=alert.pk) == {"fresh-0", "fresh-1", "fresh-2"}
    assert listed(desk, alert=alert.pk + 1) == set()


def test_alert_leads_to_its_votes_and_is_settled_with_a_reason(desk, film, moderator):
    brigade(film, 3)
    alert = alert_on(film)
    page = text(desk.get(f"{ALERTS}{alert.pk}/change/"))
    assert f"{VOTES}?film={film.pk}&amp;voted_from=" in page
    assert f'href="{HOLDS}{film.pk}/change/"' in page
    act(desk, ALERTS, "acted", [alert], "Discounted them", one="1")
    alert.refresh_from_db()
    assert (alert.status, alert.reason) == ("acted", "Discounted them")
    act(desk, ALERTS, "dismiss", [alert], "x", shown=0)
    alert.refresh_from_db()
    assert alert.status == "acted"
    logged = ModerationAct.objects.get()
    assert (logged.actor_id, logged.what, logged.film_id) == (moderator.pk, "alert", film.pk)
    assert AudienceScore.objects.get().held == 0


# --- The lists and the log ---


@pytest.mark.parametrize("address", [REPORTS, MEMBERS, HOLDS, ALERTS, LOG])
def test_lists_cost_the_same_number_of_queries_for_many_rows(desk, moderator, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        return len(asked)

    def rows(start: int, end: int) -> None:
        for n in range(start, end):
            film = Film.objects.create(title=f"Film {n}", published_at=timezone.now())
            one, other = (make_member(f"{name}-{n}") for name in ("one", "other"))
            report(Review.objects.create(film=film, author=one, body="Text"), other)
            alert_on(film)
            until = timezone.now() + HOUR
            NewcomerHold.objects.switch_on(
                film, moderator, younger_than=3, until=until, reason="Burst"
            )
        everything: list[tuple[Any, str]] = [
            (Report.objects.all(), "dismissed"),
            (Alert.objects.all(), "dismissed"),
            (Member.objects.filter(is_staff=False), "suspended"),
        ]
        for subjects, after in everything:
            ModerationAct.objects.carry_out(subjects, moderator, after, "Why")

    rows(0, 1)
    few = queries()
    rows(1, 8)
    assert queries() == few


def test_log_links_every_kind_of_act(desk, film, review, member, other_member, moderator):
    (one,) = report(review, other_member)
    alert = alert_on(film)
    act(desk, REVIEWS, "hide", [review])
    act(desk, MEMBERS, "suspend", [member])
    act(desk, ALERTS, "dismiss", [alert])
    switch(desk, film)
    page = desk.get(LOG).content.decode()
    for kind, number in (
        ("review", review.pk),
        ("report", one.pk),
        ("member", member.pk),
        ("alert", alert.pk),
        ("newcomerhold", film.pk),
    ):
        address = f"/admin/reviews/{kind}/{number}/change/"
        assert f'<a href="{address}">' in page
        assert desk.get(address).status_code == 200
    assert desk.get(LOG, {"what__exact": "member"}).context["cl"].result_count == 1


def test_page_of_a_list_names_each_cells_column(desk, film, member):
    Vote.objects.cast(film, member, 9)
    page = desk.get(VOTES).content.decode()
    assert 'data-label="Stars"' in page
    assert 'data-label="Account then"' in page
