"""Fixtures that several packages' tests share."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import Postgres, postgres_server
from tests.servers import S3Server, s3_server

if TYPE_CHECKING:
    from tests.acceptance.conftest import Bench

# The same examples each time, however slow the machine is: what fails, fails for all.
settings.register_profile(
    "newsbot", derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("newsbot")

_CLEARED = (
    "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "http_proxy",
    "https_proxy", "NEWSBOT_STORE", "NEWSBOT_STATE", "NEWSBOT_SEEDS", "NEWSBOT_DATABASE_URL",
    "NEWSBOT_CONTACT", "NEWSBOT_PRIVATE_ADDRESSES", "NEWSBOT_CHROMIUM",
    "NEWSBOT_NOTIFY", "NEWSBOT_PING", "NEWSBOT_CONFIG", "NEWSBOT_SYNTHETIC",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on, or writes to, what its user has configured."""
    for name in _CLEARED:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def s3_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server for the whole session."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(s3_process: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server, with boto3's variables set to it."""
    for name, value in s3_process.environment.items():
        monkeypatch.setenv(name, value)
    return s3_process


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> "Bench":
    """Two crawls of ANTARA and one of the aggregator; not to be written to."""
    from tests.landed import landed_crawls

    return landed_crawls(tmp_path_factory)


@pytest.fixture
def copy(landed: "Bench", tmp_path: Path) -> "Bench":
    """A copy of it, to be tampered with."""
    shutil.copytree(landed.store_url, tmp_path / "archive")
    return replace(landed, store_url=str(tmp_path / "archive"), state=tmp_path / "var")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server for the whole session."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that a ledger can be in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()
