"""Everything here is long: `make soak` runs it, or `make endurance` what takes many minutes."""

from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and no others."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("endurance") is None:
            item.add_marker(pytest.mark.long)
