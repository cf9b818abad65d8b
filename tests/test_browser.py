"""The site in a real browser, as production runs it: gunicorn, hashed files, strict headers.

One site with the demo serves all tests here; each makes the accounts and films it changes. Mail
is written to files, where the tests read the codes from.
"""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.site import Site, scratch_site

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]

FILM = "/films/never-let-me-go-2010/"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mail")


@pytest.fixture(scope="module")
def site(mail: Path) -> Iterator[Site]:
    with scratch_site(EMAIL_URL=f"filemail:///{mail}", PAGE_CACHE_SECONDS="0") as site:
        site.manage("demo", "--load-only", DEBUG="1")
        site.manage("collectstatic", "--noinput", "--verbosity=0")
        with site.server():
            yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A browser window of its own that keeps what the console complained about."""

    def __init__(self, browser: Any, site: Site, **options: Any) -> None:
        self.context = browser.new_context(base_url=site.url, **{"viewport": DESKTOP, **options})
        self.complaints: list[str] = []
        self.context.on("console", self._note)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = self.context.new_page()

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sign_in(self, site: Site, cookie: str) -> None:
        name, value = cookie.split("=", 1)
        self.context.add_cookies([{"name": name, "value": value, "url": site.url}])


@pytest.fixture
def visit(chromium: Any, site: Site) -> Iterator[Visit]:
    """A stranger's window on a desktop. The console must have stayed silent at the end."""
    window = Visit(chromium, site)
    yield window
    window.context.close()
    assert window.complaints == []


def new_member(site: Site, username: str) -> str:
    """A new member's session cookie."""
    site.shell(
        "from reviews.models import Member\n"
        f"Member.objects.create_user('{username}', '{username}@example.org', 'a-good-passphrase')"
    )
    return cookie_of(site, username)


@cache
def cookie_of(site: Site, username: str) -> str:
    return site.cookies(f"Member.objects.filter(username='{username}')")[0]


def last_mail(mail: Path) -> str:
    newest = max(mail.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return newest.read_text()


def votes_of(site: Site, username: str) -> list[str]:
    """The member's votes in the database: scores, with what the tally counts."""
    return site.shell(
        "from reviews.models import Vote\n"
        f"votes = Vote.objects.filter(member__username='{username}')\n"
        "print(*votes.values_list('score', flat=True))"
    ).split()


def counted(visit: Visit) -> int:
    """How many votes the film page shows."""
    text = visit.page.locator("[data-score-card]").inner_text()
    found = re.search(r"from (\d+) votes", text)
    assert found, text
    return int(found[1])


def test_stranger_reads_the_film_page(visit):
    visit.page.goto("/")
    visit.page.get_by_role("link", name=re.compile("Never Let Me Go")).first.click()
    visit.page.wait_for_url(f"**{FILM}")
    text = visit.page.locator("main").inner_text()
    assert "1hr 44min" in text
    assert "68.53" in text
    assert visit.context.cookies() == []


def test_stranger_votes_signs_up_and_confirms(visit, site, mail):
    page = visit.page
    page.goto(FILM)
    before = counted(visit)
    page.locator("form[data-vote] .half").nth(8).click()
    page.wait_for_url("**/vote/?score=9")
    playwright.expect(page.get_by_label("4½ of 5 stars")).to_be_visible()
    page.locator("main").get_by_role("link", name=re.compile("account|sign up", re.I)).first.click()
    page.get_by_label(re.compile("mail", re.I)).first.fill("newcomer@example.org")
    page.get_by_label("Username").fill("newcomer")
    page.locator("[name=password1]").fill("a-good-passphrase")
    page.locator("[name=password2]").fill("a-good-passphrase")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_selector("[name=code]")
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", last_mail(mail), re.M)
    assert code, last_mail(mail)
    page.fill("[name=code]", code[1])
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/vote/?score=9")
    assert votes_of(site, "newcomer") == []
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(f"**{FILM}")
    assert votes_of(site, "newcomer") == ["9"]
    assert counted(visit) == before + 1


def test_arrow_keys_choose_and_enter_casts_one_vote(visit, site):
    visit.sign_in(site, new_member(site, "keyboarder"))
    page = visit.page
    page.goto(FILM)
    before = counted(visit)
    page.locator("[name=score][value='1']").focus()
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert page.locator("[name=score]:checked").get_attribute("value") == "9"
    assert votes_of(site, "keyboarder") == []
    page.keyboard.press("Enter")
    playwright.expect(page.locator("p.status")).to_contain_text("4½")
    assert votes_of(site, "keyboarder") == ["9"]
    assert counted(visit) == before + 1


def test_click_casts_at_once_and_withdrawing_takes_it_back(visit, site):
    visit.sign_in(site, new_member(site, "clicker"))
    page = visit.page
    page.goto(FILM)
    before = counted(visit)
    page.locator("form[data-vote] .half").nth(6).click()
    playwright.expect(page.locator("p.status")).to_contain_text("3½")
    assert counted(visit) == before + 1
    page.locator("form[data-vote] .half").nth(1).click()
    playwright.expect(page.locator("p.status")).to_contain_text("1 of 5")
    assert votes_of(site, "clicker") == ["2"]
    page.get_by_role("button", name="withdraw").click()
    page.wait_for_load_state()
    playwright.expect(page.locator("[data-score-card]")).to_contain_text(f"from {before} votes")
    assert votes_of(site, "clicker") == []


def test_click_of_who_was_signed_out_meanwhile_keeps_the_score(visit, site):
    cookie = new_member(site, "latecomer")
    visit.sign_in(site, cookie)
    page = visit.page
    page.goto(FILM)
    visit.context.clear_cookies(name=cookie.split("=")[0])
    page.locator("form[data-vote] .half").nth(6).click()
    page.wait_for_url("**/account/login/**")
    assert "score%3D7" in page.url
    assert votes_of(site, "latecomer") == []
    visit.complaints.clear()  # the browser notes the refusal


@pytest.mark.parametrize("options", [{"java_script_enabled": False}], ids=["no JavaScript"])
def test_vote_works_without_javascript(chromium, site, options):
    window = Visit(chromium, site, **options)
    window.sign_in(site, new_member(site, "scriptless"))
    window.page.goto(FILM)
    before = counted(window)
    window.page.locator("[name=score][value='4']").check(force=True)
    window.page.locator("form[data-vote] button[type=submit]").first.click()
    window.page.wait_for_url(f"**{FILM}**")
    assert counted(window) == before + 1
    assert votes_of(site, "scriptless") == ["4"]
    window.context.close()


def test_member_writes_edits_and_deletes_a_review(visit, site):
    visit.sign_in(site, new_member(site, "reviewer"))
    page = visit.page
    page.goto(FILM)
    page.get_by_role("link", name=re.compile("write a review", re.I)).first.click()
    page.get_by_label("Headline").fill("Seen from the back row")
    page.locator("[name=body]").fill("It *stays*. >!The ending!< does too.")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/reviews/*/")
    mine = page.locator("article", has_text="Seen from the back row").first
    playwright.expect(mine).to_be_visible()
    sealed = mine.locator(".seal-text")
    assert not sealed.is_visible()
    mine.locator(".seal label").click()
    assert sealed.is_visible()
    mine.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Headline").fill("Seen from the front row")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/reviews/*/")
    mine = page.locator("article", has_text="Seen from the front row").first
    mine.get_by_role("link", name=re.compile("delete", re.I)).click()
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(f"**{FILM}**")
    assert page.locator("article", has_text="Seen from the front row").count() == 0


@cache
def work_for_moderators(site: Site) -> None:
    """A reported and a held review, held votes, an alert and a hold, none on the film of FILM."""
    site.shell(
        "from datetime import timedelta\n"
        "from django.utils import timezone\n"
        "from films.models import Film\n"
        "from reviews.models import *\n"
        "week = timezone.now() + timedelta(days=7)\n"
        "film, moderator = Film.objects.get(pk=2), Member.objects.get(username='moderator')\n"
        "people = [Member.objects.create(username=f'newcomer-{n}') for n in range(4)]\n"
        "for one in people: Vote.objects.cast(film, one, 1)\n"
        "votes = Vote.objects.filter(member__in=people[:2])\n"
        "ModerationAct.objects.carry_out(votes, moderator, 'held', 'A burst')\n"
        "wrote, waits = (Review(film=film, author=one, body='Text') for one in people[:2])\n"
        "wrote.headline = 'The worst insult'\n"
        "wrote.save()\n"
        "waits.status, waits.reason = 'held', 'A first review'\n"
        "waits.save()\n"
        "Report.objects.create(review=wrote, member=people[2], why='abuse', note='A *word*')\n"
        "NewcomerHold.objects.switch_on(\n"
        "    film, moderator, younger_than=3, until=week, reason='A burst')\n"
        "now = timezone.now()\n"
        "Alert.objects.create(film=film, kind='burst', end='low', since=now - timedelta(hours=1),\n"
        "    until=now, votes=4, young=4, at_end=4)\n"
    )


def test_moderator_hides_a_reported_review_from_the_desks_first_page(visit, site):
    work_for_moderators(site)
    visit.sign_in(site, cookie_of(site, "moderator"))
    page = visit.page
    page.goto("/admin/")
    page.get_by_role("link", name=re.compile("The worst insult")).focus()
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_text("It insults or threatens somebody")).to_be_visible()
    page.get_by_role("button", name="Hide").click()
    page.get_by_label("Reason").fill("It insults somebody")
    page.get_by_role("button", name="Hide").click()
    page.wait_for_url("**/admin/")
    playwright.expect(page.get_by_text("1 review is hidden now.")).to_be_visible()
    assert page.get_by_role("link", name=re.compile("The worst insult")).count() == 0
    site.shell(
        "from reviews.models import *\n"
        "one = Report.objects.get(review__headline='The worst insult')\n"
        "assert (one.status, one.review.status, one.review.reason) == (\n"
        "    'upheld', 'hidden', 'It insults somebody')\n"
        # As it was, for the pages below.
        "Review.objects.filter(pk=one.review_id).update(status='published', reason='')\n"
        "Report.objects.filter(pk=one.pk).update(status='open', reason='')\n"
    )


STRANGERS_PAGES = [
    "/",
    "/films/",
    "/films/?genre=drama&sort=title",
    FILM,
    "/films/the-night-of-counting-the-years-1969/",
    "/films/the-cranes-are-flying-1957/",
    "/films/dr-strangelove-or-how-i-learned-to-stop-worrying-and-love-the-bomb-1964/",
    "/films/gosford-park-2001/",
    f"{FILM}score/",
    f"{FILM}reviews/",
    f"{FILM}reviews/?sort=highest&score=8",
    f"{FILM}vote/?score=9",
    "/reviews/",
    "/reviews/1/",
    "/members/ottoline/",
    "/collections/",
    "/collections/films-that-take-their-time/",
    "/people/mark-romanek/",
    "/genres/drama/",
    "/charts/",
    "/charts/most-divisive/?genre=drama",
    "/charts/most-voted/?genre=drama&decade=1920",
    "/search/",
    "/search/?q=mark",
    "/search/?q=nevr+let+me+go",
    "/search/?q=xqzzy",
    "/about/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/no-such-page/",
]
MEMBERS_PAGES = [
    FILM,
    f"{FILM}vote/?score=9",
    f"{FILM}reviews/write/",
    "/reviews/2/report/",
    "/reviews/1/",
    "/members/ottoline/",
    "/account/profile/",
    "/account/watchlist/",
    "/account/import/",
    "/account/data/",
    "/account/delete/",
    "/account/email/",
    "/account/password/change/",
    "/account/second-step/",
    "/account/second-step/totp/activate/",
    "/account/logout/",
]
EDITORS_PAGES = [
    "/admin/",
    "/admin/films/film/",
    "/admin/films/film/add/",
    "/admin/films/film/1/change/",
    "/admin/films/film/13/delete/",  # the one without votes
    "/admin/films/film/import/",
    "/admin/films/person/",
    "/admin/films/person/1/change/",
]
MODERATORS_PAGES = [
    "/admin/reviews/review/",
    "/admin/reviews/review/1/change/",
    "/admin/reviews/vote/",
    "/admin/reviews/vote/1/change/",
    "/admin/reviews/moderationact/",
    "/admin/",
    "/admin/reviews/vote/?film=1&younger=3",
    "/admin/reviews/report/",
    "/admin/reviews/report/1/change/",
    "/admin/reviews/member/",
    "/admin/reviews/member/3/change/",
    "/admin/reviews/alert/",
    "/admin/reviews/alert/1/change/",
    "/admin/reviews/newcomerhold/",
    "/admin/reviews/newcomerhold/2/change/",
]
LOOKS = [(viewport, scheme) for viewport in (PHONE, DESKTOP) for scheme in ("light", "dark")]


@pytest.mark.parametrize(
    ("who", "addresses"),
    [
        ("", STRANGERS_PAGES),
        ("ottoline", MEMBERS_PAGES),
        ("editor", EDITORS_PAGES),
        ("moderator", MODERATORS_PAGES),
    ],
    ids=["stranger", "member", "editor", "moderator"],
)
@pytest.mark.parametrize(("viewport", "scheme"), LOOKS, ids=[f"{v['width']}-{s}" for v, s in LOOKS])
def test_axe_and_the_policy_find_nothing(chromium, site, who, addresses, viewport, scheme):
    """No accessibility violation, no sideways scrolling, no complaint in the console.

    The dark pages differ in their colours alone, so of the rules those of colours are asked.
    """
    rules: dict[str, list[str]] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        rules["runOnly"] = ["color-contrast", "link-in-text-block"]
    window = Visit(chromium, site, viewport=viewport, color_scheme=scheme)
    if who:
        window.sign_in(site, cookie_of(site, who))
    if who == "moderator":
        work_for_moderators(site)
    found = []
    for address in addresses:
        answer = window.page.goto(address)
        if address != "/no-such-page/":
            assert answer.status == 200, f"{address}: {answer.status}"
        found += [f"{address}: {note}" for note in window.complaints if "404" not in note]
        wide = window.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{address}: {wide} pixels too wide")
        result = axe.Axe().run(window.page, options=rules)
        found += [
            f"{address}: {violation['id']}: {violation['nodes'][0]['html'][:200]}"
            for violation in result.response["violations"]
        ]
        window.complaints.clear()  # axe puts a style into the page, which the policy stops
    window.context.close()
    assert found == []


def test_editor_publishes_a_whole_film_in_three_pages(visit, site, tmp_path):
    """List, form, film page: poster, two taglines, a certificate, eight credits, no pop-up."""
    poster = tmp_path / "poster.jpg"
    Image.new("RGB", (800, 1200), "teal").save(poster)
    visit.sign_in(site, cookie_of(site, "editor"))
    page = visit.page
    page.context.on("page", lambda popup: visit.complaints.append(f"a pop-up: {popup.url}"))
    page.goto("/admin/films/film/")
    page.get_by_role("link", name=re.compile("Add film")).click()
    page.get_by_label("Title:", exact=True).fill("The Lighthouse Keeper")
    page.locator("[name=release_date]").fill("2024-05-01")
    page.locator("[name=runtime]").fill("95")
    page.locator("[name=synopsis]").fill("A keeper waits.\n\nSo does the sea.")
    page.locator("[name=picture_file]").set_input_files(poster)
    page.locator("[name=poster_alt]").fill("A lighthouse, teal all over")
    page.locator("[name=taglines-0-text]").fill("Somebody has to stay up.")
    page.locator("[name=taglines-1-text]").fill("The light is on.")
    page.locator("[name=certificates-0-certificate]").select_option(label="MPA PG")
    page.locator("[name=new_credits]").fill(
        "Ida Holm, director\nJonas Berg, writer\nMarta Lund as Keeper\nPeer Dahl as Boatman\n"
        "Liv Aas as Inspector\nOdd Vik as Boy\nRuna Moe as Mother\nTor Lie as Priest"
    )
    page.get_by_role("button", name="Save and publish").click()
    playwright.expect(page.get_by_text(re.compile("The Lighthouse Keeper")).first).to_be_visible()
    page.goto("/films/the-lighthouse-keeper-2024/")
    text = page.locator("main").inner_text()
    for words in ("Somebody has to stay up.", "The light is on.", "1hr 35min", "Boatman", "Priest"):
        assert words in text
    picture = page.get_by_role("img", name="A lighthouse, teal all over")
    assert picture.evaluate("image => image.naturalWidth") > 0


# --- The search box ------------------------------------------------------------------------------


def test_suggestions_are_reached_and_left_by_keyboard(visit):
    page = visit.page
    page.goto("/")
    box = page.get_by_role("combobox", name="Films and people")
    box.press_sequentially("ne")
    options = page.get_by_role("option")
    playwright.expect(options.first).to_contain_text("Never Let Me Go")
    status = page.locator("form.search [role=status]")
    playwright.expect(status).to_have_text(re.compile(r"\d+ suggestions?"))
    box.press("ArrowDown")
    playwright.expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("Escape")
    playwright.expect(page.get_by_role("listbox")).to_be_hidden()
    assert (box.input_value(), box.get_attribute("aria-expanded")) == ("ne", "false")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(re.compile(r"/(films|people)/"))


def test_enter_without_a_choice_leads_to_the_results(visit):
    page = visit.page
    page.goto("/films/")
    box = page.get_by_role("combobox", name="Films and people")
    box.fill("nevr let me go")
    playwright.expect(page.get_by_role("option").first).to_contain_text("Never Let Me Go")
    box.press("Enter")
    page.wait_for_url("**/search/?q=nevr+let+me+go")
    page.get_by_role("link", name="never let me go", exact=True).click()
    page.wait_for_url("**/search/?q=never%20let%20me%20go")
    playwright.expect(page.locator("main .shelf a").first).to_have_attribute("href", FILM)


def test_suggestion_is_taken_by_a_click(visit):
    page = visit.page
    page.goto("/search/")
    page.get_by_role("combobox").press_sequentially("carey mu")
    page.get_by_role("option", name=re.compile("Carey Mulligan")).click()
    page.wait_for_url("**/people/carey-mulligan/")


def test_search_needs_no_javascript(chromium, site):
    window = Visit(chromium, site, java_script_enabled=False, viewport=PHONE)
    page = window.page
    page.goto("/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("never let")
    page.get_by_role("button", name="Search").click()
    playwright.expect(page.locator("main .shelf a").first).to_have_attribute("href", FILM)
    window.context.close()


# --- A review's life -----------------------------------------------------------------------------


def window_of(chromium: Any, site: Site, username: str, **options: Any) -> Visit:
    window = Visit(chromium, site, **options)
    window.sign_in(site, cookie_of(site, username))
    return window


def test_review_is_written_edited_found_helpful_reported_hidden_and_explained(chromium, site):
    for username in ("teller", "listener"):
        new_member(site, username)
    teller, listener, moderator = (
        window_of(chromium, site, who) for who in ("teller", "listener", "moderator")
    )
    page = teller.page
    page.goto(f"{FILM}reviews/write/")
    page.get_by_label("Headline").fill("A story for two")
    page.locator("[name=body]").fill("Wait for it. >!They part.!<")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()
    mine = page.locator("article", has_text="A story for two").first
    assert not mine.locator(".seal-text").is_visible()
    mine.get_by_role("link", name="Edit", exact=True).click()
    page.locator("[name=body]").fill("Wait for it. >!They part!< at last.")
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    mine = page.locator("article", has_text="A story for two").first
    mine.get_by_role("link", name=re.compile("Edited")).click()
    assert page.locator("ins", has_text="at last").count()

    page = listener.page
    page.goto(f"{FILM}reviews/?sort=newest")
    theirs = page.locator("article", has_text="A story for two").first
    theirs.get_by_role("button", name=re.compile("helpful", re.I)).click()
    playwright.expect(theirs).to_contain_text("1")
    assert (
        site.shell(
            "from reviews.models import Helpful; print(Helpful.objects.filter("
            "review__headline='A story for two').count())"
        ).strip()
        == "1"
    )
    theirs.get_by_role("link", name=re.compile("Report")).click()
    page.get_by_label("It gives away what happens").check()
    page.get_by_role("button", name="Report").click()
    page.wait_for_load_state()
    assert "Thank" in page.locator("main").inner_text()

    page = moderator.page
    page.goto("/admin/")
    page.get_by_role("link", name=re.compile("reported", re.I)).first.click()
    page.get_by_role("link", name=re.compile("A story for two")).first.click()
    page.get_by_role("button", name=re.compile("Hide")).first.click()
    page.locator("[name=reason]").fill("It tells how the film ends")
    page.locator("#content form button[type=submit], #content form [type=submit]").last.click()
    page.wait_for_load_state()

    teller.page.goto(f"{FILM}reviews/")
    assert "It tells how the film ends" in teller.page.locator("main").inner_text()
    listener.page.goto(f"{FILM}reviews/?sort=newest")
    assert "A story for two" not in listener.page.locator("main").inner_text()
    for window in (teller, listener, moderator):
        assert window.complaints == []
        window.context.close()


def test_draft_survives_a_closed_tab_and_goes_when_it_is_posted(chromium, site):
    new_member(site, "drafter")
    window = window_of(chromium, site, "drafter")
    page = window.page
    page.goto("/films/ikiru-1952/reviews/write/")
    page.locator("[name=body]").press_sequentially("Half a thought")
    playwright.expect(page.locator("[data-draft-status]")).to_contain_text("Kept in this browser")
    page.close()
    page = window.context.new_page()
    page.goto("/films/ikiru-1952/reviews/write/")
    page.get_by_role("button", name="Restore").click()
    assert page.locator("[name=body]").input_value() == "Half a thought"
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()
    page.goto("/films/ikiru-1952/reviews/write/")
    playwright.expect(page.locator("[data-draft-choice]")).to_be_hidden()
    assert window.complaints == []
    window.context.close()


PAYLOADS = [
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    '"><svg onload="window.ran = 1">',
    "'><body onload=window.ran=1>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<a href='javascript:window.ran=1'>a</a>",
    "[a](javascript:window.ran=1)",
    "[a](JaVaScRiPt&#58;window.ran=1)",
    "[a](data:text/html,<script>window.ran=1</script>)",
    "![a](x){onerror=window.ran=1}",
    "<base href='https://evil.example/'>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example/'>",
    "<form action='https://evil.example/'><input name=password>",
    "<style>body { display: none }</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "</textarea><script>window.ran = 1</script>",
    "</title></script><script>window.ran = 1</script>",
    "{{ constructor.constructor('window.ran = 1')() }}",
    ">!<script>window.ran = 1</script>!<",
    "<details open ontoggle=window.ran=1><input autofocus onfocus=window.ran=1>",
    "\u2028<math><mtext></mtext><mglyph><style><img src=x onerror=window.ran=1>",
]

HOSTILE = """
from films.models import Film
from reviews.models import Member, Review
for number, payload in enumerate(PAYLOADS):
    name = f"hostile{number}"
    member = Member.objects.create(username=name, display_name=payload[:60], about=payload)
    film = Film.objects.order_by("pk")[1]
    review = Review(film=film, author=member, headline=payload, body=f"{payload}\\n\\nplain words")
    review.save()
    print(film.slug, review.pk, name)
"""


def test_hostile_words_never_run_and_stay_readable(visit, site):
    made = [line.split() for line in site.shell(f"PAYLOADS = {PAYLOADS!r}\n{HOSTILE}").splitlines()]
    page, asked = visit.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
    slug = made[0][0]
    pages = [f"/films/{slug}/", f"/films/{slug}/reviews/?sort=newest", "/reviews/", "/"]
    pages += [f"/reviews/{review}/" for _slug, review, _name in made]
    pages += [f"/members/{name}/" for _slug, _review, name in made]
    for address in pages:
        assert page.goto(address).status == 200, address
        assert page.url == site.url + address
        assert page.evaluate("window.ran") is None, address
    for (_slug, review, _name), payload in zip(made, PAYLOADS, strict=True):
        page.goto(f"/reviews/{review}/")
        text = page.locator("main").inner_text()
        assert "plain words" in text
        assert " ".join(payload.split())[:40].strip("\u2028") in " ".join(text.split()), payload
    assert [url for url in asked if not url.startswith(site.url)] == []
