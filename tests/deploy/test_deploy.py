"""Every file in deploy/ passes the linter of its kind, and names what there is."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsbot.config import Config

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
UNITS = sorted((DEPLOY / "systemd").iterdir())
VARIABLE = re.compile(r"\bNEWSBOT_([A-Z_]+)\b")
METRIC = re.compile(r"\bnewsbot_[a-z_]+\b")


def tool(name: str) -> str:
    """The program's path; a test without it is skipped by name here, and fails in CI."""
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        assert not os.environ.get("CI"), f"{name} is not installed; .ci/run installs it"
        pytest.skip(f"{name} is not installed (.ci/run names its package)")
    return found


def run(*command: str, **environment: str) -> str:
    """What a linter says, of a run that must succeed."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_units(tmp_path: Path) -> None:
    """As installed, but with the program of this checkout, which is there to be found."""
    analyze = tool("systemd-analyze")
    program = tmp_path / "newsbot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    names = []
    for unit in UNITS:
        text = unit.read_text().replace("/opt/newsbot/.venv/bin/newsbot", str(program))
        names.append(tmp_path / unit.name.replace("@.", "@antara."))
        names[-1].write_text(text)
    assert len(names) == 3
    assert run(analyze, "verify", *map(str, names)) == ""


def test_systemd_units_confine_the_service_alike() -> None:
    service, crawl = (
        set((DEPLOY / "systemd" / name).read_text().splitlines())
        for name in ("newsbot.service", "newsbot-crawl@.service")
    )
    confining = re.compile(
        r"^(Protect|Private|Restrict|System|Capability|NoNew|Dynamic|User=|Lock)"
    )
    wanted = {line for line in service if confining.match(line)}
    assert len(wanted) >= 20
    assert wanted <= crawl


def test_dockerfile() -> None:
    assert run(tool("hadolint"), str(DEPLOY / "docker" / "Dockerfile")) == ""


@pytest.mark.parametrize("profiles", ["", "postgres,prometheus"])
def test_compose_file(profiles: str) -> None:
    """Without Docker's daemon: the program only reads the file."""
    said = run(
        tool("docker-compose"), "-f", str(DEPLOY / "docker" / "compose.yaml"), "config", "-q",
        NEWSBOT_CONTACT="x", S3_SECRET="x", COMPOSE_PROFILES=profiles,
    )  # fmt: skip
    assert said == ""


def test_kubernetes() -> None:
    run(tool("kubernetes-validate"), "--strict", str(DEPLOY / "kubernetes" / "newsbot.yaml"))


def test_prometheus() -> None:
    said = run(tool("promtool"), "check", "config", str(DEPLOY / "prometheus" / "prometheus.yml"))
    assert "FAILED" not in said


def test_alert_rules_fire() -> None:
    run(tool("promtool"), "test", "rules", str(Path(__file__).parent / "rules_test.yml"))


def test_dashboard_and_rules_name_metrics_that_are_exported() -> None:
    source = (ROOT / "newsbot" / "schedule" / "metrics.py").read_text()
    exported = set(METRIC.findall(source))
    for path in (DEPLOY / "prometheus").iterdir():
        for name in METRIC.findall(path.read_text()):
            assert re.sub(r"_total$", "", name) in exported, f"{path.name}: {name}"


def test_dashboard_is_one() -> None:
    dashboard = json.loads((DEPLOY / "prometheus" / "grafana.json").read_text())
    assert len(dashboard["panels"]) >= 6
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert all(panel["targets"][0]["expr"] for panel in dashboard["panels"])


def test_every_variable_is_a_setting() -> None:
    known = {name.upper() for name in Config.model_fields}
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert set(VARIABLE.findall(path.read_text())) <= known, path


def test_commands_of_the_crontab_are_there() -> None:
    lines = (DEPLOY / "newsbot.crontab").read_text().splitlines()
    jobs = [line for line in lines if line.startswith(("*", "7", "5"))]
    assert len(jobs) == 3
    assert all("cd /opt/newsbot &&" in job for job in jobs)
