"""The sites of three publishing systems, made once a session."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.publishing import sites
from tests.publishing.sites import NewsSite
from tests.publishing.stories import STORIES

_SERVING: dict[str, Callable[[Path], AbstractContextManager[NewsSite]]] = {
    "pelican": sites.pelican,
    "hugo": sites.hugo,
    "django": sites.django,
}


@pytest.fixture(scope="session")
def _served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NewsSite]:
    with _SERVING[request.param](tmp_path_factory.mktemp(request.param)) as site:
        yield site


@pytest.fixture
def site(_served: NewsSite) -> NewsSite:
    """The site of a system, parametrized indirectly, as it was made."""
    _served.publish(STORIES)
    _served.server.sent()
    return _served
