"""Prometheus and probes are told how it stands; totals survive a restart."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from newsbot.schedule.health import STUCK_SECONDS, serve_health
from newsbot.schedule.service import Service
from tests.schedule.world import START, World

Get = Callable[[str], tuple[int, str]]


@pytest.fixture
def service(world: World) -> Service:
    """A scheduler that has crawled for an hour."""
    world.seed("x", "*/15 * * * *")
    made = world.service()
    world.rounds(made, minutes=60.5)
    return made


@pytest.fixture
def get(world: World, service: Service, free_port: int) -> Iterator[Get]:
    """Asks the service's port for a path."""
    config = world.configured(metrics_port=free_port)

    def ask(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    with serve_health(config, world.ledger, service, world.clock) as port:
        assert port == free_port
        yield ask


@pytest.fixture
def free_port() -> int:
    from tests.servers import free_ports

    return free_ports(1)[0]


def test_metrics(world: World, get: Get) -> None:
    status, text = get("/metrics")
    assert status == 200
    assert 'newsbot_runs_total{outcome="finished",site="x"} 4.0' in text
    assert 'newsbot_articles_new_total{site="x"} 4.0' in text
    assert "newsbot_crawls_running 1.0" in text
    assert "newsbot_ledger_up 1.0" in text
    assert 'newsbot_last_run_started_timestamp_seconds{site="x"}' in text
    due = (START + timedelta(minutes=75)).timestamp()
    (line,) = [one for one in text.splitlines() if one.startswith("newsbot_next_crawl_timestamp")
        and "{" in one]  # fmt: skip
    assert float(line.split()[-1]) == due


def test_totals_survive_a_restart(world: World, service: Service, free_port: int) -> None:
    config = world.configured(metrics_port=free_port)
    again = world.service()
    with serve_health(config, world.ledger, again, world.clock):
        url = f"http://127.0.0.1:{free_port}/metrics"
        with urllib.request.urlopen(url) as answer:
            assert b'newsbot_runs_total{outcome="finished",site="x"} 4.0' in answer.read()


def test_healthy_and_ready_until_the_rounds_stop(world: World, get: Get) -> None:
    assert get("/healthz") == (200, "ok\n")
    assert get("/readyz") == (200, "ok\n")
    world.clock.true += timedelta(seconds=STUCK_SECONDS + 1)
    assert get("/healthz") == (503, "no round for 121 s\n")
    assert get("/readyz")[0] == 503
    assert get("/else")[0] == 404


def test_not_ready_without_a_ledger_but_alive(world: World, service: Service, get: Get) -> None:
    world.rounds(service, minutes=1)  # the crawl that is running ends
    world.rename_table("runs", "away")
    world.rounds(service, minutes=1)
    assert get("/healthz")[0] == 200
    status, text = get("/readyz")
    assert status == 503
    assert "no such table" in text
    assert "newsbot_ledger_up 0.0" in get("/metrics")[1]


def test_a_port_that_is_taken_is_no_reason_not_to_crawl(
    world: World, service: Service, get: Get, free_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    config = world.configured(metrics_port=free_port)
    with serve_health(config, world.ledger, service, world.clock) as port:
        assert port is None
    assert f"port {free_port}" in caplog.text
