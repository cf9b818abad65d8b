"""Imports run one way, `filmsite → reviews → films`, never back (STYLE section 2)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ABOVE = {"films": {"reviews", "filmsite", "tests"}, "reviews": {"filmsite", "tests"}}


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Line and full name of each import in a module, inside functions and conditions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            names = [part.value for part in node.args if isinstance(part, ast.Constant)]
            yield from ((node.lineno, str(name)) for name in names)


@pytest.mark.parametrize("app", ABOVE)
def test_no_module_imports_what_stands_above_it(app):
    modules = sorted((ROOT / app).rglob("*.py"))
    assert modules
    wrong = [
        f"{module.relative_to(ROOT)}:{line} imports {name}"
        for module in modules
        for line, name in imported(module.read_text(encoding="utf-8"))
        if name.partition(".")[0] in ABOVE[app]
    ]
    assert wrong == []


def test_walk_finds_an_import_in_a_function():
    source = "def f():\n    if True:\n        from reviews.models import Vote\n"
    assert list(imported(source)) == [(3, "reviews.models")]
