"""A browser, and what each test of this package does with it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.archive.export.replayweb import CHROMIUM, browser
from tests.replaying.captures import Limit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DAYS = Path(__file__).parent / "days"
LIMITS = {
    "all": Limit(0.06),
    "article": Limit(0.10),
    "none": Limit(1.0, has_pictures=False),  # the control: pages without their requisites
}


@pytest.fixture(scope="package")
def chromium() -> Iterator["Browser"]:
    """A browser for which only loopback exists; the site is behind a proxy there."""
    if not Path(CHROMIUM).exists():
        assert not os.environ.get("CI"), f"{CHROMIUM} is not installed; .ci/run installs it"
        pytest.skip(f"{CHROMIUM} is not installed (Debian: chromium-headless-shell)")
    with browser() as started:
        yield started


def variables(requisites: str) -> dict[str, str]:
    """Variables with which crawls keep this of pages, each on the day that it is given."""
    path = os.pathsep.join([str(DAYS), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": path, "NEWSBOT_REQUISITES": requisites}
