"""Where there is no browser, and what a seed may say of one."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsbot.capture import chromium
from newsbot.errors import ConfigError
from newsbot.sites.loading import load_site
from tests.acceptance.conftest import Bench
from tests.browser.conftest import seed_text

LIST = ("https://layar.antaranews.example/gulung",)


def seed(folder: Path, render: str, browser: str = "") -> Path:
    path = folder / "layar.toml"
    path.write_text(seed_text(LIST, render, browser))
    return path


def test_a_pattern_goes_before_the_sites_own_rule(tmp_path: Path) -> None:
    text = seed_text(LIST, "never").replace(
        "[select]", "[browser.patterns]\n'^/v/' = 'auto'\n[select]"
    )
    path = tmp_path / "layar.toml"
    path.write_text(text)
    site = load_site(path)
    assert site.render_of("https://layar.antaranews.example/v/1") == "auto"
    assert site.render_of("https://layar.antaranews.example/app/1") == "never"
    assert site.pattern_of("https://layar.antaranews.example/v/1") == "^/v/"
    assert (
        site.pattern_of("https://layar.antaranews.example/app/1") == "layar.antaranews.example/app"
    )
    assert site.renders("auto")
    assert not site.renders("always")
    assert site.browser.blocks("a.iklan.example")
    assert not site.browser.blocks("xiklan.example")


@pytest.mark.parametrize(
    ("render", "browser", "told"),
    [
        ("sometimes", "", "render"),
        ("auto", 'wait_for = ["a["]', "browser.wait_for"),
        ("auto", "patterns = { '(' = 'auto' }", "browser.patterns"),
        ("auto", "pages = 0", "browser.pages"),
    ],
)
def test_a_mistake_is_refused_with_its_key(
    tmp_path: Path, render: str, browser: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=f"layar.toml: {told}"):
        load_site(seed(tmp_path, render, browser))


@pytest.mark.slow
def test_without_a_browser_always_says_what_to_do_before_it_crawls(tmp_path: Path) -> None:
    done = crawl_without(tmp_path, seed(tmp_path, "always"))
    assert done.returncode == 2
    assert "playwright install" in done.stderr
    assert "NEWSBOT_CHROMIUM" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_configured_browser_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    bench = Bench(
        str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_CHROMIUM": "/nowhere/chromium"}
    )
    done = bench.crawl("antara", f"site={seed(tmp_path, 'always')}")
    assert done.returncode == 2
    assert "/nowhere/chromium is not an executable file" in done.stderr


def crawl_without(folder: Path, path: Path) -> "subprocess.CompletedProcess[str]":
    """A crawl on a machine without any browser."""
    environment = {
        "PATH": str(Path(sys.executable).parent),
        "PLAYWRIGHT_BROWSERS_PATH": str(folder),
        "HOME": str(folder),
    }
    bench = Bench(str(folder / "archive"), folder / "var", environment)
    done: subprocess.CompletedProcess[str] = bench.crawl("antara", f"site={path}")
    return done


def test_the_plain_path_does_without_playwright() -> None:
    code = (
        "import sys, newsbot.capture.handler, newsbot.crawl.crawl; "
        "sys.exit('playwright' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_browser_gets_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NEWSBOT_DATABASE_URL", "postgresql://u:p@h/d")
    assert "PATH" in chromium.environment()
    assert not {"AWS_SECRET_ACCESS_KEY", "NEWSBOT_DATABASE_URL"} & chromium.environment().keys()
