"""The guide's examples run, in Python and in JavaScript, and print what the pages say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.node import node, node_path
from tests.stack import ROOT, Stack

PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
SERVICE = "127.0.0.1:5000"
"""Where the examples look for the service."""
LANGUAGES = ("python", "javascript")
EXPECTED = "text"
ANYTHING = "…"
"""In what an example prints: whatever stands there."""
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Examples:
    """What a page has in one language, as one program, and what that prints."""

    language: str
    program: str
    printed: str


def examples_of(page: Path) -> list[Examples]:
    """All examples of a page run in order; what a `text` block shows, each language prints."""
    fences = [token for token in MarkdownIt().parse(page.read_text()) if token.type == "fence"]

    def joined(kind: str) -> str:
        return "".join(fence.content for fence in fences if fence.info == kind)

    return [Examples(name, joined(name), joined(EXPECTED)) for name in LANGUAGES if joined(name)]


def fits(printed: str, expected: str) -> bool:
    """Whether an example printed what the page shows."""
    pattern = ".*".join(re.escape(part) for part in expected.split(ANYTHING))
    return re.fullmatch(pattern, printed) is not None


@cache
def command(language: str) -> list[str]:
    """What runs a program that comes on standard input."""
    if language == "python":
        return [sys.executable, "-"]
    asked = subprocess.run([node(), "-p", "typeof WebSocket"], capture_output=True, check=True)
    # Node.js has them by default from 22 on.
    websockets = ["--experimental-websocket"] if asked.stdout == b"undefined\n" else []
    return [node(), *websockets, "--no-warnings", "--input-type=module", "-"]


def run(examples: Examples, url: str) -> subprocess.CompletedProcess[str]:
    """Runs the examples of one language against a service."""
    return subprocess.run(
        command(examples.language),
        input=examples.program.replace(SERVICE, url.removeprefix("http://")),
        cwd=ROOT,
        env=os.environ | {"PATH": node_path(), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


@pytest.mark.parametrize(
    "examples",
    [
        pytest.param(examples, id=f"{page.stem}-{examples.language}")
        for page in PAGES
        for examples in examples_of(page)
    ],
)
def test_examples_print_what_the_page_says(examples: Examples, stack: Stack) -> None:
    ran = run(examples, stack.url)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert fits(ran.stdout, examples.printed), f"{ran.stdout}\nis not\n{examples.printed}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_has_examples_in_both_languages_and_shows_what_they_print(page: Path) -> None:
    found = examples_of(page)
    assert [examples.language for examples in found] == list(LANGUAGES)
    assert all(examples.printed for examples in found)


def test_a_wrong_output_is_found() -> None:
    assert fits("confirmed at 158.2\n", "confirmed at …\n")
    assert not fits("failed\n", "confirmed at …\n")
    assert not fits("confirmed at 158.2\nand more\n", "confirmed at …\n")
