"""What the crawl stands on in Scrapy's settings."""

import subprocess
import sys
from pathlib import Path

from scrapy.settings import default_settings

from newsbot import settings

ROOT = Path(__file__).parent.parent.parent


def test_our_packages_win_over_foreign_ones_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "__init__.py").write_text("raise RuntimeError('the foreign one')")
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.path.append({str(ROOT)!r})\n"
        "import newsbot.settings, pipelines\n"
        "print(pipelines.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert Path(done.stdout.strip()).parent == ROOT / "pipelines"


def test_no_port_is_opened_and_certificates_are_checked() -> None:
    assert settings.REMOTE_CONTROL_ENABLED is False
    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.DOWNLOAD_VERIFY_CERTIFICATES is True
    assert settings.ROBOTSTXT_OBEY is True
    assert settings.COOKIES_ENABLED is False


def test_every_setting_is_one_that_scrapy_or_newsbot_reads() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("newsbot", "spiders")
        for path in (ROOT / folder).rglob("*.py")
    ]
    own = [name for name in vars(settings) if name.isupper() and name[0] != "_"]
    assert len(own) > 20
    for name in own:
        read_here = any(f'"{name}"' in source for source in sources)
        assert hasattr(default_settings, name) or read_here, f"nothing reads {name}"


def test_newsbot_never_imports_the_spiders_or_pipelines_and_few_import_scrapy() -> None:
    may_import_scrapy = {"settings.py", "capture", "crawl"}
    for path in (ROOT / "newsbot").rglob("*.py"):
        top = path.relative_to(ROOT / "newsbot").parts[0]
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                package = words[1].split(".")[0]
                assert package not in ("spiders", "pipelines"), f"{path}: {line}"
                if package in ("scrapy", "twisted"):
                    assert top in may_import_scrapy, f"{path}: {line}"
