"""`newsbot init DIR` writes a project that crawls, from the checkout or from the wheel alone."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsbot.config import Config
from replica import running
from tests.checkouts import ROOT, make_environment, plain_environment
from tests.cli.conftest import Newsbot

WRITTEN = ["crontab.example", "newsbot.toml", "pipelines", "scrapy.cfg", "seeds", "spiders", "var"]


def test_a_project_is_the_checkouts_own_code(newsbot: Newsbot, tmp_path: Path) -> None:
    made = tmp_path / "my crawler"
    done = newsbot("init", "my crawler")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in made.iterdir()) == WRITTEN
    for name in ("scrapy.cfg", "spiders/base.py", "pipelines/archive.py", "seeds/antara.toml"):
        assert (made / name).read_bytes() == (ROOT / name).read_bytes()
    assert not list(made.rglob("__pycache__"))
    found = json.loads(newsbot("config", "--json", cwd=made / "seeds").stdout)
    assert (found["file"], found["project"]) == (str(made / "newsbot.toml"), str(made))
    assert found["values"]["store"]["value"] == str(made / "archive")
    assert "rakyatnews" in newsbot("sites", cwd=made).stdout


def test_its_newsbot_toml_names_every_key_with_a_default_that_holds(
    newsbot: Newsbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsbot("init", "made")
    text = (tmp_path / "made" / "newsbot.toml").read_text(encoding="utf-8")
    with_all = "\n".join(re.sub(r"^#(?=\w+ = )", "", line) for line in text.splitlines())
    keys = tomllib.loads(with_all)
    (tmp_path / "made" / "newsbot.toml").write_text(with_all, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "made")
    config, default = Config(), Config.model_construct()
    for name in keys.keys() - {"contact"}:
        assert getattr(config, name) == getattr(default, name)
    named = set(re.findall(r"^#?(\w+) =", text, re.MULTILINE))
    assert named == Config.model_fields.keys() - {"synthetic"}


@pytest.mark.parametrize("held", [("a",), ("a", "b", "c", "d", "e", "f", "g")])
def test_what_is_in_the_way_is_named_and_left(
    newsbot: Newsbot, tmp_path: Path, held: tuple[str, ...]
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name in held:
        (made / name).write_text("mine")
    done = newsbot("init", "made")
    assert done.returncode == 2
    assert f"{made} is not empty: it holds a" in done.stderr
    assert ("and 2 more" in done.stderr) == (len(held) == 7)
    assert sorted(path.name for path in made.iterdir()) == sorted(held)
    done = newsbot("init", "made/a")
    assert done.returncode == 2
    assert "is a file" in done.stderr


def test_an_empty_folder_is_taken_and_crons_line_is_one_line_of_cron(
    newsbot: Newsbot, tmp_path: Path
) -> None:
    made = tmp_path / "100 % mine"
    made.mkdir()
    assert newsbot("init", ".", cwd=made).returncode == 0
    *_, line = (made / "crontab.example").read_text(encoding="utf-8").splitlines()
    schedule, _, command = line.partition("  ")
    assert schedule == "*/15 * * * *"
    assert re.search(r"(?<!\\)%", command) is None
    assert shlex.split(command.replace("\\%", "%"))[:2] == ["cd", str(made)]
    assert (made / "var").is_dir()  # where its log goes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_alone_makes_a_project_and_crawls_from_it(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, capture_output=True, cwd=ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    folder = tmp_path / "environment"
    bin_folder = make_environment(folder)
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--no-deps"]
    install = [*uv, "--offline", "--python", str(bin_folder / "python"), str(wheel)]
    subprocess.run(install, check=True, env=plain_environment())
    made = tmp_path / "my crawler é"

    with running(articles=25) as replica:
        authority = tmp_path / "ca.pem"
        authority.write_bytes(replica.certificate())
        environment = plain_environment(
            http_proxy=replica.proxy_url, https_proxy=replica.proxy_url, no_proxy="127.0.0.1",
            SSL_CERT_FILE=str(authority), XDG_DATA_HOME=str(tmp_path / "data"),
        )  # fmt: skip

        def run(*arguments: str, cwd: Path) -> Any:
            return subprocess.run(
                arguments, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600,
                check=False,
            )  # fmt: skip

        newsbot = str(bin_folder / "newsbot")
        done = run(newsbot, "crawl", "antara", cwd=tmp_path)
        assert done.returncode == 2
        assert "`newsbot init DIR` creates one" in done.stderr
        done = run(newsbot, "init", made.name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        for command in (
            (newsbot, "crawl", "antara", "--limit", "1"),
            (str(bin_folder / "scrapy"), "crawl", "aggregator", "-a", "limit=1"),
        ):
            done = run(*command, cwd=made)
            assert done.returncode == 0, done.stdout + done.stderr
            assert f"landed in {made / 'archive'}" in done.stdout
        listed = json.loads(run(newsbot, "list", "--json", cwd=made / "spiders").stdout)
        assert sorted(run["site"] for run in listed) == ["antara", "rakyatnews"]
        named = (newsbot, "--config", str(made / "newsbot.toml"), "verify")
        assert run(*named, cwd=tmp_path).returncode == 0
    assert not (tmp_path / "data").exists()


def test_its_own_spiders_and_pipelines_go_before_those_of_the_checkout(
    newsbot: Newsbot, tmp_path: Path
) -> None:
    newsbot("init", "made")
    told = (
        "import newsbot.settings, spiders, pipelines; print(spiders.__file__, pipelines.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", told], cwd=tmp_path / "made" / "seeds",
        env=plain_environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    made = tmp_path / "made"
    assert done.stdout.split() == [
        str(made / name / "__init__.py") for name in ("spiders", "pipelines")
    ]
