"""A member's public page and the lists behind it: what is shown, to whom, and the profile."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from films.models import Film
from reviews.drawn_avatar import draw
from reviews.models import Member, Review, Vote, WatchlistEntry
from tests.conftest import make_member

PAGE, PROFILE = "/members/member/", "/account/profile/"
LISTS = ["votes", "reviews", "watchlist"]
LIVE = datetime(2026, 1, 1, tzinfo=UTC)


def make_films(count: int, start: int = 0) -> list[Film]:
    numbers = range(start, start + count)
    return [Film.objects.create(title=f"Film {n}", published_at=LIVE) for n in numbers]


def fill(member: Member, films: list[Film]) -> None:
    """Votes, reviews and films to see of this member, one each a film."""
    for number, film in enumerate(films):
        Vote.objects.cast(film, member, number % 10 + 1)
        Review.objects.create(film=film, author=member, body=f"Words on {film.title}")
        WatchlistEntry.objects.add(member, film)


def show(member: Member, **shown: bool) -> None:
    Member.objects.filter(pk=member.pk).update(
        **{f"shows_{name}": is_ for name, is_ in shown.items()}
    )


def html(client: Client, page: str = PAGE) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def me(member: Member) -> Client:
    browser = Client()
    browser.force_login(member)
    return browser


# --- Who has a page -------------------------------------------------------------------------------


def test_page_says_who_it_is(client, db):
    make_member("ada.r", display_name="Ada Reiss", about="Sits *on the aisle*.")
    page = html(client, "/members/ada.r/")
    assert "<h1>Ada Reiss</h1>" in page
    assert "@ada.r" in page
    assert "Member since" in page
    assert "Sits <em>on the aisle</em>." in page
    assert 'class="avatar"' in page
    assert "ada.r@example.org" not in page


@pytest.mark.parametrize("asked", ["MEMBER", "Member", "mEmBeR"])
@pytest.mark.parametrize("rest", ["", "reviews/?page=2"])
def test_other_spelling_leads_to_the_page(client, member, asked, rest):
    answer = client.get(f"/members/{asked}/{rest}")
    assert (answer.status_code, answer.url) == (301, f"{PAGE}{rest}")


@pytest.mark.parametrize("name", ["nobody", "member%00", "member%0A", "%F0%9F%98%80", "a" * 500])
def test_name_of_nobody_is_not_found(client, member, name):
    assert client.get(f"/members/{name}/").status_code == 404


@pytest.mark.parametrize("rest", ["", "votes/", "reviews/", "watchlist/"])
def test_suspended_member_has_no_page_but_for_moderators(client, member, moderator, editor, rest):
    Member.objects.filter(pk=member.pk).update(
        is_active=False, suspended_because="Adverts", shows_votes=True, shows_watchlist=True
    )
    assert client.get(PAGE + rest).status_code == 404
    assert client.get(PAGE.upper() + rest).status_code == 404
    client.force_login(editor)
    assert client.get(PAGE + rest).status_code == 404
    client.force_login(moderator)
    assert "This account is suspended, so readers do not see this page: Adverts" in html(
        client, PAGE + rest
    )


def test_imported_voter_has_no_page_unless_they_wrote_something(client, superuser, film):
    voter = make_member("movielens-1", imported_as="movielens-1")
    page = "/members/movielens-1/"
    for reader in (None, superuser):
        if reader:
            client.force_login(reader)
        assert client.get(page).status_code == 404
    client.force_login(voter)
    assert client.get(page).status_code == 200
    client.logout()
    Review.objects.create(film=film, author=voter, body="Words")
    assert "Words" in html(client, page)


# --- What is shown --------------------------------------------------------------------------------


def test_votes_and_watchlist_are_private_until_shown(client, me, member, film):
    fill(member, [film])
    page = html(client)
    assert "Words on Never Let Me Go" in page
    assert "Watchlist</h2>" not in page
    assert "Votes" not in page
    assert [client.get(f"{PAGE}{name}/").status_code for name in LISTS] == [404, 200, 404]
    show(member, votes=True, watchlist=True, reviews=False)
    page = html(client)
    assert "Words on Never Let Me Go" not in page
    assert "Watchlist</h2>" in page
    assert "Votes <small>1</small>" in page
    assert [client.get(f"{PAGE}{name}/").status_code for name in LISTS] == [200, 404, 200]


@pytest.mark.parametrize("reader", ["other_member", "moderator", "superuser"])
def test_private_list_is_not_found_for_others(request, db, client, member, film, reader):
    fill(member, [film])
    show(member, reviews=False)
    client.force_login(request.getfixturevalue(reader))
    assert [client.get(f"{PAGE}{name}/").status_code for name in LISTS] == [404, 404, 404]
    assert "Never Let Me Go" not in html(client)


def test_owner_sees_the_page_as_others_do_and_the_way_to_the_rest(me, client, member, film):
    fill(member, [film])
    page = html(me)
    assert "Your page, as others see it." in page
    assert "Votes <small>" not in page
    for link in (f"{PAGE}votes/", "/account/watchlist/", PROFILE):
        assert f'href="{link}"' in page
    assert f"{PAGE}reviews/" not in page
    assert PROFILE not in html(client)
    for name in ("votes", "watchlist"):
        assert "Only you see this list." in html(me, f"{PAGE}{name}/")


def test_histogram_counts_the_members_own_votes_that_count(client, member, other_member):
    films = make_films(4)
    for film, score in zip(films, [9, 9, 2, 10], strict=True):
        Vote.objects.cast(film, member, score)
        Vote.objects.cast(film, other_member, 5)
    member.votes.filter(score=10).update(status="held", reason="Looked at")
    show(member, votes=True)
    page = html(client)
    assert "Votes <small>3</small>" in page
    assert "Votes by stars. ½: 0, 1: 1, 1½: 0, 2: 0, 2½: 0, 3: 0, 3½: 0, 4: 0, 4½: 2, 5: 0." in page
    assert len(re.findall(r'<rect class="bar', page)) == 10


def test_votes_set_aside_are_shown_to_their_owner_alone(client, me, member, moderator, film):
    Vote.objects.cast(film, member, 10)
    member.votes.update(status="discounted", reason="Part of a burst")
    show(member, votes=True)
    assert "This vote is discounted and does not count: Part of a burst" in html(
        me, f"{PAGE}votes/"
    )
    for reader in (None, moderator):
        if reader:
            client.force_login(reader)
        for page in (PAGE, f"{PAGE}votes/"):
            assert "Never Let Me Go" not in html(client, page)
            assert "Part of a burst" not in html(client, page)
    assert "Never Let Me Go" not in html(me)


def test_hidden_reviews_are_shown_to_their_author_and_moderators_alone(
    client, me, member, other_member, moderator, film
):
    Review.objects.create(
        film=film, author=member, body="Buy this", status="hidden", reason="An advert"
    )
    page = f"{PAGE}reviews/"
    for reader in (None, other_member):
        if reader:
            client.force_login(reader)
        assert "Buy this" not in html(client, page)
    client.force_login(moderator)
    for browser in (client, me):
        assert "Buy this" in html(browser, page)
        assert "An advert" in html(browser, page)
        assert "Buy this" not in html(browser)


def test_films_that_are_not_published_are_nowhere(client, me, member, film, superuser):
    fill(member, [film])
    show(member, votes=True, watchlist=True)
    Film.objects.update(published_at=datetime(2126, 1, 1, tzinfo=UTC))
    for page in (PAGE, f"{PAGE}votes/", f"{PAGE}reviews/", f"{PAGE}watchlist/"):
        for browser in (client, me):
            assert "Never Let Me Go" not in html(browser, page)
    client.force_login(superuser)
    assert "Never Let Me Go" not in html(client)


def test_review_that_gives_the_ending_away_is_not_quoted(client, member, film):
    Review.objects.create(
        film=film, author=member, headline="He dies", body="In the end.", gives_away_ending=True
    )
    for page in (PAGE, f"{PAGE}reviews/"):
        assert "He dies" not in html(client, page)
        assert "In the end." not in html(client, page)
        assert "This review gives away the ending." in html(client, page)


def test_page_with_nothing_on_it_says_so(client, member):
    assert "Nothing to see here" in html(client)
    show(member, votes=True)
    assert "Nothing here yet" in html(client)
    for name in ("votes", "reviews"):
        assert "yet." in html(client, f"{PAGE}{name}/")


def test_votes_are_sorted_and_paginated(client, member):
    films = make_films(51)
    for days, (film, score) in enumerate(zip(films, [5] * 50 + [3], strict=True)):
        Vote.objects.create(
            film=film, member=member, score=score, changed_at=LIVE + timedelta(days=days)
        )
    Vote.objects.filter(film=films[7]).update(score=10)
    show(member, votes=True)

    def titles(**query: str) -> list[str]:
        page = client.get(f"{PAGE}votes/", query).context["page"]
        return [vote.film.title for vote in page]

    assert titles()[0] == "Film 50"
    assert titles(sort="highest")[0] == "Film 7"
    assert titles(sort="highest", page="2") == ["Film 50"]
    assert titles(sort="id;--", page="-1")[0] == "Film 50"
    assert 'href="?sort=highest&amp;page=2"' in html(client, f"{PAGE}votes/?sort=highest")


def test_readers_own_watchlist_presses_the_buttons(client, member, other_member, film):
    WatchlistEntry.objects.add(member, film)
    show(member, watchlist=True)
    assert "aria-pressed" not in html(client)
    client.force_login(other_member)
    for page in (PAGE, f"{PAGE}watchlist/"):
        assert 'aria-pressed="false"' in html(client, page)


@pytest.mark.parametrize("field", ["display_name", "about"])
def test_what_members_write_about_themselves_never_runs(client, member, field):
    Member.objects.filter(pk=member.pk).update(
        **{field: "<script>alert(1)</script><img onerror=x>"}
    )
    page = html(client)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_stranger_gets_no_cookie(client, member):
    assert not client.get(PAGE).cookies


def test_avatar_belongs_to_the_username_in_any_case():
    assert draw("ada") == draw("ADA")
    assert len({draw(f"member-{n}") for n in range(50)}) == 50
    assert "style" not in draw("ada")


@pytest.mark.parametrize("count", [1, 48])
def test_queries_are_constant(client, member, other_member, count, django_assert_max_num_queries):
    fill(member, make_films(count))
    show(member, votes=True, watchlist=True)
    for signed_in in range(2):
        if signed_in:
            client.force_login(other_member)
        extra = 3 * signed_in
        with django_assert_max_num_queries(7 + extra):
            client.get(PAGE)
        with django_assert_max_num_queries(5 + extra):
            client.get(f"{PAGE}votes/")
        with django_assert_max_num_queries(4 + extra):
            client.get(f"{PAGE}reviews/")
        with django_assert_max_num_queries(4 + extra):
            client.get(f"{PAGE}watchlist/")


# --- The profile ----------------------------------------------------------------------------------


def save(me: Client, **fields: object):
    return me.post(PROFILE, {"display_name": "", "about": "", "shows_reviews": "on", **fields})


def test_member_says_who_they_are_and_what_is_shown(me, member):
    answer = save(me, display_name=" Ada  Reiss ", about="One\r\ntwo", shows_votes="on")
    assert answer.url == PROFILE
    member.refresh_from_db()
    assert (member.display_name, member.about) == ("Ada Reiss", "One\ntwo")
    assert (member.shows_votes, member.shows_reviews, member.shows_watchlist) == (True, True, False)


@pytest.mark.parametrize(
    "name", ["a" * 61, "\u200b", "\u200b \u2060", "\u00ad", "\u3164", "\u2800"]
)
def test_name_that_nobody_can_read_is_refused_and_what_was_written_kept(me, member, name):
    answer = save(me, display_name=name, about="A long text")
    assert answer.status_code == 400
    assert "A long text" in answer.content.decode()
    member.refresh_from_db()
    assert (member.display_name, member.about) == ("", "")


def test_name_of_spaces_alone_is_none(me, member):
    save(me, display_name="   \t ")
    member.refresh_from_db()
    assert member.name == "member"


def test_marks_that_would_turn_the_page_are_taken_out_of_a_name(me, member):
    save(me, display_name="Ada\u202e\u2066\x07 Reiss 👩‍🚀")
    member.refresh_from_db()
    assert member.display_name == "Ada Reiss 👩‍🚀"


def test_too_much_about_oneself_is_refused(me, member):
    assert save(me, about="x" * 2_001).status_code == 400
    assert save(me, about="x\r\n" * 1_000).status_code == 302


def test_saving_does_not_undo_what_a_moderator_did_meanwhile(me, member, monkeypatch):
    from reviews import forms

    clean = forms.ProfileForm.clean_display_name

    def suspend_meanwhile(form):
        Member.objects.filter(pk=member.pk).update(is_active=False, suspended_because="Adverts")
        return clean(form)

    monkeypatch.setattr(forms.ProfileForm, "clean_display_name", suspend_meanwhile)
    save(me, display_name="Ada")
    member.refresh_from_db()
    assert (member.is_active, member.display_name) == (False, "Ada")


def test_rights_cannot_be_taken_by_the_profile(me, member):
    save(me, is_staff="on", is_superuser="on", username="root", email="x@example.org")
    member.refresh_from_db()
    assert (member.is_staff, member.is_superuser, member.username) == (False, False, "member")
    assert member.email == "member@example.org"


def test_wrong_name_is_not_shown_in_the_mast(me, member):
    page = save(me, display_name="b" * 61).content.decode()
    assert re.search(r'class="who"[^>]*>member<', page)


def test_account_pages_lead_to_each_other(me):
    for page in (PROFILE, "/account/watchlist/", "/account/email/", "/account/password/change/"):
        for link in (
            PROFILE,
            "/account/watchlist/",
            "/account/email/",
            "/account/password/change/",
        ):
            assert f'href="{link}"' in html(me, page)
        assert html(me, page).count('aria-current="page"') == 1
    assert f'class="who" href="{PROFILE}"' in html(me, "/films/")
