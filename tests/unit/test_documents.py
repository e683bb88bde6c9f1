"""The documents: links and paths lead somewhere; decisions carry a status and a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
RECORDS = sorted(DECISIONS.glob("[0-9]*.md"))
MARKDOWN = MarkdownIt("commonmark").enable("table")

HEAD = re.compile(
    r"# (?P<title>.+)\n\n- Status: (?P<status>.+)\n- Date: (?P<date>\d{4}-\d{2}-\d{2})\n\n"
)
STATUS = re.compile(
    r"accepted|superseded (?:in part )?by \[(?P<number>\d{4})\]\((?P=number)[\w-]+\.md\)"
)
PATH = re.compile(r"(?:orders|tests|docs|deploy|scripts|static|templates)/[\w./-]+")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tokens(document: Path) -> Iterator[Token]:
    for block in MARKDOWN.parse(document.read_text()):
        yield block
        yield from block.children or ()


def targets(document: Path) -> Iterator[str]:
    for token in tokens(document):
        yield from (str(token.attrs[name]) for name in ("href", "src") if name in token.attrs)


def fragments(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def head(record: Path) -> re.Match[str]:
    found = HEAD.match(record.read_text())
    assert found, "begins with a title, a status and a date"
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_relative_links_resolve(document: Path) -> None:
    for target in targets(document):
        if re.match(r"\w+:", target):
            continue
        name, _, fragment = target.partition("#")
        linked = document.parent / name if name else document
        assert linked.exists(), target
        assert not fragment or fragment in fragments(linked), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_named_paths_exist(document: Path) -> None:
    if document in RECORDS and head(document)["status"].startswith("superseded by"):
        pytest.skip("tells of files that have left")
    code = (token.content for token in tokens(document) if token.type == "code_inline")
    paths = [path for path in code if PATH.fullmatch(path)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("record", RECORDS, ids=named)
def test_decision_has_a_status_and_a_date(record: Path) -> None:
    status = STATUS.fullmatch(head(record)["status"])
    assert status
    assert status["number"] is None or status["number"] > record.name[:4]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


def test_index_of_decisions_agrees_with_the_records() -> None:
    index = (DECISIONS / "README.md").read_text()
    rows = [line for line in index.splitlines() if line.startswith("| [")]
    assert rows == [
        f"| [{record.name[:4]}]({record.name}) | {head(record)['title']} "
        f"| {head(record)['status']} | {head(record)['date']} |"
        for record in RECORDS
    ]
