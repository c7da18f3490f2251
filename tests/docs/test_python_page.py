"""The worked example of the Python API runs as it stands, and the notebook is made from it."""

import re
from pathlib import Path

import jupytext
import pytest

from tests.acceptance.conftest import ROOT, Bench

PAGE = ROOT / "docs" / "python.md"
NOTEBOOK = ROOT / "docs" / "notebooks" / "python.ipynb"
_FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DAYS = "date(2025, 2, 1), date(2025, 2, 28)"


def test_the_example_runs(
    landed: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All of it in one namespace, in the folder of an archive; only the days are other ones."""
    (tmp_path / "archive").symlink_to(landed.store_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(_DAYS) == 1
    blocks = _FENCE.findall(page.replace(_DAYS, "date(2000, 1, 1), date(2100, 1, 1)"))
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert "Panen garam naik di Madura" in said
    assert "0 faults" in said
    assert (tmp_path / "sections.png").stat().st_size > 1000


def test_the_notebook_is_made_from_the_page() -> None:
    made = jupytext.read(PAGE)
    stored = jupytext.read(NOTEBOOK)
    assert [(cell.cell_type, cell.source) for cell in stored.cells] == [
        (cell.cell_type, cell.source) for cell in made.cells
    ], "run `make notebook`"
