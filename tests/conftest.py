"""Fixtures that several packages' tests share."""

from collections.abc import Iterator

import pytest

from tests.servers import S3Server, s3_server

_CLEARED = (
    "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "http_proxy",
    "https_proxy", "NEWSBOT_STORE", "NEWSBOT_STATE", "NEWSBOT_SEEDS", "NEWSBOT_DATABASE_URL",
    "NEWSBOT_CONTACT", "NEWSBOT_PRIVATE_ADDRESSES", "NEWSBOT_CHROMIUM",
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
