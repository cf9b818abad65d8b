"""How long the slowest texts take to be rendered, at the bound of an essay. Aim: under 200 ms."""

import os
import time
from collections.abc import Callable

ROUNDS = 3


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from films.text import plain_text, render_markdown
    from tests.test_text import PATHOLOGICAL, pathological_texts

    times = []
    for piece in PATHOLOGICAL:
        for text in pathological_texts(piece):
            times.append((fastest(render_markdown, text), "render_markdown", piece))
            times.append((fastest(lambda t: plain_text(t, 200), text), "plain_text", piece))
    for seconds, name, piece in sorted(times, reverse=True)[:5]:
        print(f"{seconds * 1000:5.0f} ms  {name} of {piece[:20]!r} over and over")


def fastest(render: Callable[[str], object], text: str) -> float:
    """CPU seconds, the least of some rounds; each text differs by a space, for nothing is kept."""
    times = []
    for number in range(ROUNDS):
        started = time.process_time()
        render(text + " " * number)
        times.append(time.process_time() - started)
    return min(times)
