"""The scheduler's driven world."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.schedule.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world without seeds."""
    made = World(tmp_path)
    yield made
    for crawl in made.alive():
        crawl.die()
    made.ledger.close()
