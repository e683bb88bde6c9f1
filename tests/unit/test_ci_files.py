"""What GitHub runs: the checks of this repository, on the Pythons that it supports."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def jobs() -> dict[str, Any]:
    return dict(yaml.safe_load(WORKFLOW.read_text())["jobs"])


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_ci_runs_what_a_change_has_to_pass_and_the_audit() -> None:
    assert [commands(job) for job in jobs().values()] == [[".ci/run"], ["make audit"]]
    assert (ROOT / ".ci" / "run").is_file()
    makefile = (ROOT / "Makefile").read_text()
    audit = re.search(r"^audit:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert audit
    pinned = {path.name for path in ROOT.glob("requirements*.txt")}
    assert set(re.findall(r"-r (\S+)", audit[1])) == pinned


def test_oldest_python_of_ci_is_the_oldest_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = jobs()["check"]["strategy"]["matrix"]["python"][0]
    assert project["requires-python"] == f">={oldest}"


def test_actions_are_pinned_to_a_major_version_and_see_no_secret() -> None:
    used = [step["uses"] for job in jobs().values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)
    assert "secrets" not in WORKFLOW.read_text()


def test_dependabot_updates_every_kind_of_manifest() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "npm", "github-actions"}
