"""The spool has a ceiling, and its disk a floor."""

from pathlib import Path

import pytest

from newsbot.errors import SpoolFull
from newsbot.landing.limits import SpoolLimits


def test_below_the_ceiling_and_above_the_floor(tmp_path: Path) -> None:
    SpoolLimits(tmp_path / "spool", 1000, 0).check()
    assert (tmp_path / "spool").is_dir()


def test_what_all_runs_hold_counts(tmp_path: Path) -> None:
    for run in ("one", "two"):
        (tmp_path / run / "files").mkdir(parents=True)
        (tmp_path / run / "files" / "warc").write_bytes(b"w" * 600)
    SpoolLimits(tmp_path, 1201, 0).check()
    with pytest.raises(SpoolFull, match=r"it holds 1\.2 kB.*NEWSBOT_SPOOL_LIMIT.*newsbot recover"):
        SpoolLimits(tmp_path, 1200, 0).check()


def test_what_must_stay_free(tmp_path: Path) -> None:
    with pytest.raises(SpoolFull, match=r"are free on its disk.*NEWSBOT_SPOOL_RESERVE"):
        SpoolLimits(tmp_path, None, 2**60).check()
