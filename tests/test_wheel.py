"""The wheel holds newsbot, and the parts of a project that `newsbot init` writes (tests/cli)."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_carries_newsbot_alone_and_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
        assert tops == {"newsbot"}
        assert "newsbot/ledger/migrations/versions/0001_first.py" in names
        assert "newsbot/_project/spiders/base.py" in names
        assert not [name for name in names if "replica" in name or name.endswith(".pyc")]
        archive.extractall(tmp_path / "installed")
    script = "import sys; from newsbot.cli import main; sys.argv[0] = 'newsbot'; main()"
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "installed"),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, "crawl", "antara"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "`newsbot init DIR` makes one" in done.stderr
