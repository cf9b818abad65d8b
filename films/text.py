"""Long text: Markdown made into safe HTML, and into plain words for descriptions.

A writer's `>!sealed text!<` is what a reader must ask to see. Its place is marked with
characters that no text may hold (Unicode's noncharacters, taken out of what writers send), and
the markup is put there after everything else was cleaned: no writer can forge it.
"""

import re
from functools import lru_cache

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

OPEN, CLOSE = ">!", "!<"
LEFT_OUT = "[…]"  # what plain words have for sealed ones
# Stands before each OPEN, so that one at the start of a line does not begin a quotation.
GUARD = "\ufdd0"
WORDS_OPEN, WORDS_CLOSE = "\ufdd1", "\ufdd2"
PARAGRAPH_OPEN, PARAGRAPH_CLOSE = "\ufdd3", "\ufdd4"
FORBIDDEN = re.compile("[\ufdd0-\ufdef]")
ESCAPE_OR_OPEN = re.compile(r"\\.|>!", re.DOTALL)

# Reading Markdown could take half a second for what is no prose: a text with more marks than this
# (marked-up prose has about 70 in 1,000 characters, a text at most 50,000) or with a longer word
# stands as plain paragraphs. A line counts twice, because each may be an item of a list.
MARKS = "*_[]<>!&\\\n\n"
MOST_MARKS = 4_500
LONGEST_WORD = 2_000
# What is quoted or listed deeper than this would be dropped, with its words.
DEEPEST = 100  # nested blocks; a list counts twice, itself and its item
HEAP = re.compile(r"^[ \t]*(?:(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])[ \t]*){40}", re.MULTILINE)

# What writers from elsewhere send for the end of a line. Everything else in <…> stays as written.
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
WRITTEN_BREAK = re.compile(r"&lt;br\s*/?&gt;", re.IGNORECASE)

TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote"}


def render_markdown(text: str, headings: bool = False) -> SafeString:
    """The text as HTML: paragraphs, emphasis, links, lists, quotations, sealed text.

    `headings`: `##` and `###` make headings, for a page that has no others.
    """
    return _render(text, get_language(), headings)


def plain_text(text: str, length: int) -> str:
    """The text's words on one line, without markup; `[…]` stands for sealed words, and a wholly
    sealed paragraph is left out.

    At most `length` characters; what is cut ends at a word, with an ellipsis.
    """
    words = _words(text)
    if len(words) <= length:
        return words
    cut = words[:length]
    return (cut[: cut.rfind(" ")] if " " in cut else cut[:-1]).rstrip(" ,;:–-") + "…"


def opening(text: str, length: int) -> str:
    """How the text begins: its first paragraphs, or as many words as fit, up to `length`
    characters; all of it where little would be left out. Never a part of sealed words.
    """
    text = FORBIDDEN.sub("", text)
    if len(text) <= length + length // 4:
        return text
    cut = text[:length]
    if (end := cut.rfind("\n\n")) > length // 2:
        return _before_open_seal(cut[:end])
    if (end := max(cut.rfind(" "), cut.rfind("\n"))) > 0:
        cut = cut[:end].removesuffix("<br")
    return _before_open_seal(cut).rstrip() + " …"


def _before_open_seal(text: str) -> str:
    """The text up to a seal that is not closed in it."""
    unsealed = _parts(text, OPEN, CLOSE)[-1][0]
    return text.removesuffix(unsealed) + unsealed.partition(OPEN)[0]


@lru_cache(maxsize=256)
def _render(text: str, language: str | None, headings: bool) -> SafeString:
    text = FORBIDDEN.sub("", text)
    markdown, tags = (_with_headings, TAGS | {"h2", "h3"}) if headings else (_markdown, TAGS)
    html = _plain_html(text) if _is_no_prose(text) else markdown.render(_guard(text))
    html = nh3.clean(
        html,
        tags=tags,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(_with_seals(html))  # noqa: S308 (cleaned by nh3 in the line above)


@lru_cache(maxsize=256)
def _words(text: str) -> str:
    text = FORBIDDEN.sub("", text)
    if _is_no_prose(text):
        words = "".join(
            LEFT_OUT if is_sealed else BREAK.sub(" ", part)
            for part, is_sealed in _parts(text, OPEN, CLOSE)
        )
    else:
        words = " ".join(
            _unsealed(block.children or [])
            for block in _markdown.parse(_guard(text))
            if block.type == "inline" and not block.meta.get("is_sealed")
        )
    return " ".join(words.replace(GUARD, "").split())


def _is_no_prose(text: str) -> bool:
    return (
        sum(text.count(mark) for mark in MARKS) > MOST_MARKS
        or max(map(len, text.split()), default=0) > LONGEST_WORD
        or HEAP.search(text) is not None
    )


def _guard(text: str) -> str:
    def guarded(match: re.Match[str]) -> str:
        return GUARD + OPEN if match[0] == OPEN else match[0]

    return ESCAPE_OR_OPEN.sub(guarded, text)


def _unsealed(tokens: list[Token]) -> str:
    words, depth = [], 0
    for token in tokens:
        depth += {"seal_open": 1, "seal_close": -1}.get(token.type, 0)
        if token.type == "seal_open":
            words.append(LEFT_OUT)
        elif depth == 0:
            words.append(" " if token.type in {"softbreak", "hardbreak"} else token.content)
    return "".join(words)


def _parts(text: str, opening: str, closing: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it was sealed; unclosed seals are plain text."""
    parts, position = [], 0
    while (start := text.find(opening, position)) != -1:
        end = text.find(closing, start + len(opening))
        if end == -1:
            break
        parts += [(text[position:start], False), (text[start + len(opening) : end], True)]
        position = end + len(closing)
    return [*parts, (text[position:], False)]


def _plain_html(text: str) -> str:
    """Paragraphs and line breaks alone, sealed text marked."""
    html = "".join(
        f"<p>{_marked(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", escape(text.strip()))
    )
    return WRITTEN_BREAK.sub("<br>", html).replace("\n", "<br>")


def _marked(paragraph: str) -> str:
    return "".join(
        f"{WORDS_OPEN}{part}{WORDS_CLOSE}" if is_sealed and part.strip() else part
        for part, is_sealed in _parts(paragraph, "&gt;!", "!&lt;")
    )


def _with_seals(html: str) -> str:
    words, paragraph = (escape(gettext("Show sealed words")), escape(gettext("Show sealed text")))
    markup = {
        GUARD: "",
        "%EF%B7%90": "",  # a guard that stood in a link's address
        WORDS_OPEN: (
            '<span class="seal"><label><input type="checkbox">'
            f'<span class="seal-hint">{words}</span></label> <span class="seal-text">'
        ),
        WORDS_CLOSE: "</span></span>",
        PARAGRAPH_OPEN: f'<details class="seal"><summary>{paragraph}</summary>',
        PARAGRAPH_CLOSE: "</details>",
    }
    for mark, html_of_mark in markup.items():
        html = html.replace(mark, html_of_mark)
    return html


def _ends_of_seals(state: StateInline) -> dict[int, int]:
    """Where each seal of this paragraph begins and ends, found once: a search from each OPEN
    would take quadratic time.
    """
    source: str
    ends: dict[int, int]
    source, ends = state.env.get("seals", ("", {}))
    if source is not state.src:
        source, ends, position = state.src, {}, 0
        while (start := source.find(GUARD + OPEN, position)) != -1:
            start += len(GUARD)
            end = source.find(CLOSE, start + len(OPEN))
            if end == -1:
                break
            if source[start + len(OPEN) : end].strip():
                ends[start] = end
            position = end + len(CLOSE)
        state.env["seals"] = (source, ends)
    return ends


def _seal(state: StateInline, silent: bool) -> bool:
    """Inline rule: from `>!` to the next `!<` of the same paragraph, whatever stands between."""
    last = state.posMax
    if state.src[state.pos] != OPEN[0]:
        return False
    end = _ends_of_seals(state).get(state.pos, last)
    if end >= last:
        return False
    if not silent:
        state.push("seal_open", "", 1)
        state.pos, state.posMax = state.pos + len(OPEN), end
        state.md.inline.tokenize(state)
        state.push("seal_close", "", -1)
        state.posMax = last
    state.pos = end + len(CLOSE)
    return True


def _break(state: StateInline, silent: bool) -> bool:
    """Inline rule: a literal `<br />` ends a line. Never a paragraph, which would open a seal."""
    found = BREAK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _settle_seals(state: StateCore) -> None:
    """Core rule: a wholly sealed paragraph is folded; a link around a seal is no link."""
    tokens: list[Token] = []
    for token in state.tokens:
        children = [child for child in token.children or [] if child.content != GUARD]
        if token.type == "inline" and _is_one_seal(children):
            token.children, token.meta["is_sealed"] = children[1:-1], True
            tokens[-1:] = [Token("sealed_paragraph_open", "", 0), tokens[-1]]
        elif token.type == "inline":
            _unlink_seals(token.children or [])
        tokens.append(token)
        if token.type == "paragraph_close" and len(tokens) > 3 and _is_folded(tokens[-4]):
            tokens.append(Token("sealed_paragraph_close", "", 0))
    state.tokens = tokens


def _is_folded(token: Token) -> bool:
    return token.type == "sealed_paragraph_open"


def _is_one_seal(children: list[Token]) -> bool:
    opened = [child.type == "seal_open" for child in children]
    return opened[:1] == [True] and sum(opened) == 1 and children[-1].type == "seal_close"


def _unlink_seals(children: list[Token]) -> None:
    link, holds_seal = None, False
    for child in children:
        if child.type == "link_open":
            link, holds_seal = child, False
        elif child.type == "seal_open":
            holds_seal = True
        elif child.type == "link_close" and link and holds_seal:
            link.type = child.type = "text"


def _make_markdown() -> MarkdownIt:
    unwanted = ["image", "heading", "lheading", "hr", "html_block", "html_inline", "code", "fence"]
    unwanted += ["reference", "backticks"]
    markdown = MarkdownIt(
        "commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST}
    ).disable(unwanted)
    markdown.inline.ruler.after("text", "seal", _seal)
    markdown.inline.ruler.after("seal", "break", _break)
    markdown.core.ruler.after("inline", "settle_seals", _settle_seals)
    for kind, mark in {
        "seal_open": WORDS_OPEN,
        "seal_close": WORDS_CLOSE,
        "sealed_paragraph_open": PARAGRAPH_OPEN,
        "sealed_paragraph_close": PARAGRAPH_CLOSE,
    }.items():
        markdown.add_render_rule(kind, lambda *_args, mark=mark: mark)
    return markdown


_markdown = _make_markdown()
_with_headings = _make_markdown().enable("heading")
