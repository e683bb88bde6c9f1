"""MkDocs hooks for building the pages of `/docs`; mkdocs.yml names this file.

The service's Content-Security-Policy allows no inline scripts, so those of the theme move into
files. A Python example followed by the same one in JavaScript becomes two tabs. Links that leave
docs/ lose their address, unless the service itself serves the target.
"""

import hashlib
import posixpath
import re
from pathlib import Path
from typing import Any

ACCESSIBLE = {
    '<div class="md-search"': '<div class="md-search" aria-label="Search"',
    "<th></th>": "<td></td>",
}
"""Names for screen readers that the theme and tables without headings lack."""
SCRIPTS = "assets/javascripts/inline"
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
EXAMPLE = r"```{language}\n(?P<{language}>.*?)^```\n"
PAIR = re.compile(
    EXAMPLE.format(language="python") + r"\n" + EXAMPLE.format(language="javascript"),
    re.DOTALL | re.MULTILINE,
)
SERVED = re.compile(r"(?<!\[)`(/docs/explorer|/openapi\.json|/asyncapi\.json|/connect)`")
LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]*)[^)]*\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Makes tabs of paired examples, and adjusts links."""
    folder = posixpath.dirname(page.file.src_uri)

    def inside(link: re.Match[str]) -> str:
        leaves = posixpath.normpath(posixpath.join(folder, link[2])).startswith("..")
        return link[1] if leaves else link[0]

    return SERVED.sub(r"[`\1`](\1)", LINK.sub(inside, PAIR.sub(tabs, markdown)))


def tabs(pair: re.Match[str]) -> str:
    """Two examples side by side, as tabs."""
    python = tab("Python", "python", pair["python"])
    return "\n".join([*python, *tab("JavaScript", "javascript", pair["javascript"])])


def tab(title: str, language: str, code: str) -> list[str]:
    """One tab with a block of code."""
    block = [f"```{language}", *code.splitlines(), "```"]
    return [f'=== "{title}"', "", *(f"    {line}" if line else "" for line in block), ""]


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Moves scripts into files and names the elements that have no name."""
    folder = Path(config["site_dir"], SCRIPTS)
    up = posixpath.relpath(".", posixpath.dirname(page.url) or ".")

    def moved(script: re.Match[str]) -> str:
        name = f"{hashlib.sha256(script[1].encode()).hexdigest()[:16]}.js"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(script[1], encoding="utf-8")
        return f'<script src="{up}/{SCRIPTS}/{name}"></script>'

    for lacking, better in ACCESSIBLE.items():
        output = output.replace(lacking, better)
    return INLINE_SCRIPT.sub(moved, output)
