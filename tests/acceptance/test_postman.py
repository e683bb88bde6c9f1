"""The Postman collection passes on the service."""

import json
import os
import subprocess

from tests.node import node_path
from tests.stack import ROOT, Stack

NEWMAN = ROOT / "node_modules" / ".bin" / "newman"
COLLECTION = ROOT / "docs" / "postman_collection.json"


def test_every_request_of_the_collection_passes(stack: Stack) -> None:
    run = subprocess.run(
        [
            str(NEWMAN),
            "run",
            str(COLLECTION),
            "--env-var",
            f"baseUrl={stack.url}",
            "--color",
            "off",
        ],
        env=os.environ | {"PATH": node_path()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_request_of_the_collection_has_tests() -> None:
    folders = json.loads(COLLECTION.read_text())["item"]
    requests = [request for folder in folders for request in folder["item"]]
    assert len(requests) >= 10
    for request in requests:
        scripts = [e["script"]["exec"] for e in request["event"] if e["listen"] == "test"]
        assert any("pm.test" in line for lines in scripts for line in lines), request["name"]
