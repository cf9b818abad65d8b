"""Long text: what Markdown gives, that nothing stored runs, sealed text, and time limits."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from films.text import opening, plain_text, render_markdown

LONGEST_REVIEW, LONGEST_ESSAY = 20_000, 50_000

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x](x "onerror=alert(1)")',
    '[x](http://a.example/"onmouseover="alert(1))',
    "[x](http://a.example 'x\" onclick=\"alert(1)')",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>*{display:none}</style>",
    '<p style="position:fixed">x</p>',
    "<form action=//evil.example><input name=password></form>",
    "<details open ontoggle=alert(1)>",
    ">!<script>alert(1)</script>!<",
    ">!x!<<script>alert(1)</script>",
    "</span></span><script>alert(1)</script>",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\ufdd1<script>\ufdd2",
    "``` html\n<script>alert(1)</script>\n```",
]

ALLOWED = {
    **{tag: set() for tag in ("p", "br", "em", "strong", "ul", "li", "blockquote", "summary")},
    "a": {"href", "title", "rel"},
    "ol": {"start"},
    "span": {"class"},
    "details": {"class"},
    "label": set(),
    "input": {"type"},
}


class Tags(HTMLParser):
    """Every tag of a piece of HTML with its attributes; checks that tags are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in {"br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_stored_runs(attack):
    for text in (attack, f"**{attack}**", f"> {attack}", f"- {attack}", f"a >!{attack}!< b"):
        for tag, attributes in Tags(render_markdown(text)).found:
            assert tag in ALLOWED
            assert set(attributes) <= ALLOWED[tag]
            address = attributes.get("href")
            assert address is None or re.match(r"https?://|[^:]*\Z", address)


@pytest.mark.parametrize("attack", ATTACKS)
def test_too_many_marks_let_nothing_run_either(attack):
    for tag, attributes in Tags(render_markdown(f"{attack}\n\n" + "a*\n" * 5000)).found:
        assert tag in ALLOWED
        assert set(attributes) <= ALLOWED[tag]


def test_emphasis_links_lists_and_quotations_are_rendered():
    html = render_markdown("*a* **b** [c](https://example.org/)\nd\n\n- e\n\n> f")
    assert "<em>a</em> <strong>b</strong>" in html
    assert '<a href="https://example.org/" rel="nofollow ugc noopener noreferrer">c</a><br>' in html
    assert "<li>e</li>" in html
    assert "<blockquote>" in html


def test_headings_code_and_html_stay_the_writers_words():
    html = render_markdown("# a\n\n`b` <b>c</b>\n\n---")
    assert html == "<p># a</p>\n<p>`b` &lt;b&gt;c&lt;/b&gt;</p>\n<p>---</p>\n"


def test_empty_text_is_empty():
    assert (render_markdown(""), plain_text("", 100)) == ("", "")


SEALED_WORDS = (
    '<span class="seal"><label><input type="checkbox">'
    '<span class="seal-hint">Show sealed words</span></label> <span class="seal-text">{}</span>'
    "</span>"
)
SEALED_TEXT = '<details class="seal"><summary>Show sealed text</summary>{}</details>'


def test_sealed_words_are_a_checkbox_in_a_label():
    html = render_markdown("In the end >!they *all* die!<.")
    words = SEALED_WORDS.format("they <em>all</em> die")
    assert html == f"<p>In the end {words}.</p>\n"


def test_a_wholly_sealed_paragraph_is_folded():
    html = render_markdown("Before.\n\n>!They all\ndie.!<\n\nAfter.")
    folded = SEALED_TEXT.format("<p>They all<br>\ndie.</p>\n")
    assert html == f"<p>Before.</p>\n{folded}<p>After.</p>\n"


def test_sealed_text_that_begins_a_line_is_no_quotation():
    html = render_markdown("One line.\n>!They die!< and so on.\n\n> A quotation.\n>!Sealed!<")
    assert html.count("<blockquote>") == 1
    assert html.count('class="seal"') == 2


@pytest.mark.parametrize(
    "text", [">!unclosed", "a >!unclosed\n\nother!<", "closed!<", ">!!<", ">! !<"]
)
def test_unclosed_and_empty_seals_stay_literal(text):
    html = render_markdown(text)
    assert "seal" not in html
    assert re.sub(r"\s+", " ", plain_text(text, 100)) == re.sub(r"\s+", " ", text)


def test_an_escaped_seal_stays_literal():
    assert render_markdown(r"\>!not sealed!<") == "<p>&gt;!not sealed!&lt;</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "**a >!b** c!<",
        "[a >!b](https://example.org/) c!<",
        "[a >!b!<](https://example.org/)",
        ">!a *b!< c* d",
        "a >!b >!c!< d!<",
        "- >!a!<\n- b >!c!<",
        "> >!a!<",
        "1. a\n\n   >!b!<",
        ">!a!<>!b!<",
    ],
)
def test_seals_and_other_marks_nest_in_any_order(text):
    tags = Tags(render_markdown(text))
    assert not tags.open
    assert any(attributes.get("class") == "seal" for _tag, attributes in tags.found)


def test_no_seal_stands_in_a_link():
    assert "<a" not in render_markdown("[a >!b!<](https://example.org/)")


@pytest.mark.parametrize(
    "forged",
    [
        '<span class="seal">x</span>',
        "<details>x</details>",
        "\ufdd1x\ufdd2",
        "\ufdd3x\ufdd4",
        "&#xfdd1;x&#xfdd2;",
        "&#64977;x&#64978;",
        "[x](<\ufdd1>)",
    ],
)
def test_nobody_forges_a_seal(forged):
    assert not {"span", "details"} & {tag for tag, _ in Tags(render_markdown(forged)).found}


def test_plain_words_leave_out_marks_and_what_is_sealed():
    text = "*One* [two](https://example.org/) >!three!<\nfour.\n\n>!All sealed.!<\n\n- five"
    assert plain_text(text, 100) == "One two […] four. five"


def test_plain_words_are_cut_at_a_word():
    assert plain_text("One two three four", 12) == "One two…"
    assert plain_text("Antidisestablishmentarianism", 10) == "Antidises…"


@pytest.mark.parametrize("bound", [LONGEST_REVIEW, LONGEST_ESSAY])
def test_too_many_marks_still_seal(bound):
    text = (">!secret!< word\n" * bound)[:bound]
    assert "secret" not in plain_text(text, bound).removesuffix("secret")
    assert render_markdown(text).count('class="seal"') == text.count("!<")


PATHOLOGICAL = [
    "> ", ">", "> > > a\n", "[", "]", "[a](", "[a](b ", "![", "[a](b 'c", "[" + "a" * 30 + "](",
    "*", "*a", "**a b", "_a", "*a _b ", "a**b", ">!", ">! ", ">!a!<", "!<", ">!a ",
    "`", "`a", "\\", "\\*", "&", "&amp;", "&#xfdd1;", "<", "<http://a>", "<a@b", "<!--",
    "- ", "- a\n", "- a\n\n", "1. a\n", "1. aaaaaaaaaa\n", "a\n", "a\n\n", "\n", "\t", "  a\n",
    "---\n", "a  \n", "@", "\r", "\x00", "😀", "\u202e",
    "a" * 1999 + " ", "[a](" + "b" * 1999 + " ",
    "The horror is how *politely* everyone behaves, **up** to [the end](https://a.example).\n\n",
]  # fmt: skip


def pathological_texts(piece):
    """The piece over and over, and with plain words after it: how long they take is benched."""
    whole = (piece * LONGEST_ESSAY)[:LONGEST_ESSAY]
    part = (piece * 4400)[: LONGEST_ESSAY // 10] + "words " * 7000
    return whole, part[:LONGEST_ESSAY]


@pytest.mark.parametrize("piece", PATHOLOGICAL)
def test_words_behind_any_heap_of_marks_survive(piece):
    _whole, part = pathological_texts(piece)
    assert "words words" in render_markdown(part)
    assert "words words" in plain_text(part, LONGEST_ESSAY)


def test_text_is_rendered_once():
    assert render_markdown("The same *text*") is render_markdown("The same *text*")


def test_headings_stand_on_pages_of_their_own_alone():
    assert "<h2>One</h2>" in render_markdown("## One\n\nTwo", headings=True)
    assert "<h" not in render_markdown("## One\n\nTwo")
    assert "<h1" not in render_markdown("# One\n\nTwo", headings=True)


# --- Line breaks from elsewhere, and openings -----------------------------------------------------


@pytest.mark.parametrize("written", ["<br />", "<br>", "<BR/>", "<br\n/>"])
def test_written_line_break_ends_a_line(written):
    assert render_markdown(f"one{written}two") == "<p>one<br>\ntwo</p>\n"
    assert plain_text(f"one{written}two", 100) == "one two"


def test_written_line_break_ends_a_line_also_in_what_is_no_prose():
    heap = "[" * 5_000
    assert "one<br>two" in render_markdown(f"one<br />two{heap}")


def test_written_line_breaks_do_not_open_a_seal():
    html = render_markdown("Who? >!Tommy.<br /><br />He dies.!< So.")
    assert html.index('class="seal-text"') < html.index("Tommy") < html.index("He dies")
    assert "Tommy" not in plain_text("Who? >!Tommy.<br /><br />He dies.!< So.", 100)


def test_invented_tags_stay_as_they_were_written():
    assert render_markdown("Fun <grin> it <broken> was") == (
        "<p>Fun &lt;grin&gt; it &lt;broken&gt; was</p>\n"
    )


def test_short_text_is_its_own_opening():
    assert opening("Just this.", 100) == "Just this."
    assert opening("x" * 125, 100) == "x" * 125


def test_opening_ends_with_a_paragraph_or_a_word():
    assert opening("One two.\n\n" + "Three four. " * 100, 100).endswith(" …")
    assert opening("One. " * 15 + "\n\n" + "Two. " * 100, 100) == "One. " * 15
    assert len(opening("word " * 1_000, 100)) <= 102


@given(st.text(st.sampled_from("ab !<>\\\n\ufdd0"), max_size=80), st.integers(0, 60))
def test_opening_never_shows_sealed_words(text, length):
    whole = f"{text}>!SECRET words that are sealed!< {'and on ' * 20}"
    shown = render_markdown(opening(whole, length))
    if "SECRET" not in unsealed(render_markdown(whole)):
        assert "SECRET" not in unsealed(shown)


def unsealed(html: str) -> str:
    """What is to be read without opening a seal."""
    html = re.sub(r'(?s)<details class="seal">.*?</details>', "", html)
    return re.sub(r'(?s)<span class="seal-text">.*?</span>', "", html)
