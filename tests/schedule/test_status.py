"""The status of all sites, and which of them it shows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.cli.scheduling import _draw
from newsbot.config import load_config
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from newsbot.schedule.status import status_of
from newsbot.sites.loading import load_sites

SEEDS = Path(__file__).parent.parent.parent / "seeds"


def test_sites_that_nobody_crawls_are_counted_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    sites = {
        name: site for name, site in load_sites(SEEDS).items()
        if name in ("antara", "antara-aceh", "antara-bali", "antara-riau")
    }  # fmt: skip
    config = load_config(state=tmp_path / "var")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    History(ledger).begin("r1", "antara-bali", now, partial=False)
    rows = status_of(config, ledger, sites, now)
    ledger.close()
    assert len(rows) == 4
    _draw(rows, [])
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines()[1:3]] == ["antara", "antara-bali"]
    assert "2 more sites are not scheduled and were never crawled" in shown
