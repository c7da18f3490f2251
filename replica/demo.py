"""``python -m replica.demo``: crawls the synthetic site twice, and reports what it found.

Store and state are in ``demo/`` of the checkout, with a newsbot.toml of its own that marks them as
synthetic: nothing of a demo can land among real snapshots. Each demo replaces the one before.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from newsbot.config import Config, child_environment, load_config, use_config_file
from newsbot.errors import ConfigError, LockHeld, NewsbotError
from newsbot.landing.outcome import ExitStatus
from replica.alter import has_number
from replica.findings import report
from replica.hosts import MAIN
from replica.process import Running, running

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "demo"
LOCK = ROOT / ".demo.lock"
_STATUS = {ConfigError: 2, LockHeld: ExitStatus.LOCKED}
_FEWEST = 25  # articles; fewer may not have three that can be changed
_CRAWLS: tuple[tuple[str, ...], ...] = (("antara",), ("aggregator",))
_CRAWLS_AGAIN = (("antara", "-a", "recheck=all"), ("aggregator",))
_SETTINGS = {  # loopback needs no politeness, and its certificate is self-made
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "DOWNLOAD_VERIFY_CERTIFICATES": "False",
    "LOG_LEVEL": "ERROR",
}
_TOML = """\
# Written by `newsbot demo`: the stories are invented, and each demo replaces this folder.
synthetic = true
store = "archive"
state = "var"
seeds = "../seeds"
contact = "https://example.org/demo"
"""


def main() -> None:
    """Parse the arguments and run the demo; exit with its status."""
    parser = argparse.ArgumentParser(prog="python -m replica.demo", description=__doc__)
    parser.add_argument("--articles", type=int, default=60, help="of the synthetic site")
    arguments = parser.parse_args()
    try:
        sys.exit(run_demo(max(_FEWEST, arguments.articles)))
    except NewsbotError as error:
        print(f"newsbot: {error}", file=sys.stderr)
        sys.exit(_STATUS.get(type(error), ExitStatus.FAILED))


def run_demo(articles: int) -> int:
    """Crawl, change the site, crawl again, report; return the exit status.

    Raises:
        LockHeld: another demo of this checkout is running; its folder is left alone.
    """
    lock = FileLock(LOCK, timeout=0)
    try:
        with lock:
            return _run_alone(articles)
    except Timeout as error:
        raise LockHeld(
            f"another demo is running in {ROOT}: wait for its end, then start this one again"
        ) from error


def _run_alone(articles: int) -> int:
    config = _prepare_folder()
    print(f"starting a synthetic ANTARA of {articles} articles on loopback ...", flush=True)
    newest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with running(articles=articles, newest=newest, assets=True) as replica:
        print(f"  at {replica.proxy_url}, answering as the real hosts (through http_proxy)")
        environment = os.environ | child_environment(config) | _proxy(replica.proxy_url)
        for crawl in _CRAWLS:
            if status := _crawl(crawl, environment):
                return status
        _change(replica)
        for crawl in _CRAWLS_AGAIN:
            if status := _crawl(crawl, environment):
                return status
    report(config)
    return 0


def _prepare_folder() -> Config:
    """Empty the demo's folder and write its newsbot.toml; return the configuration.

    Raises:
        ConfigError: the folder exists and was not made by the demo.
    """
    file = FOLDER / "newsbot.toml"
    if FOLDER.exists():
        if not file.is_file() or "synthetic = true\n" not in file.read_text("utf-8", "replace"):
            raise ConfigError(f"{FOLDER} was not made by the demo: move or rename it")
        shutil.rmtree(FOLDER)
    FOLDER.mkdir()
    file.write_text(_TOML, encoding="utf-8")
    use_config_file(file)
    return load_config()


def _proxy(url: str) -> dict[str, str]:
    return {"http_proxy": url, "https_proxy": url, "no_proxy": ""}


def _crawl(arguments: tuple[str, ...], environment: Mapping[str, str]) -> int:
    print(f"\n$ scrapy crawl {' '.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "scrapy", "crawl", *arguments]
    for name, value in _SETTINGS.items():
        command += ["-s", f"{name}={value}"]
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if status != 0:
        print(
            f"newsbot: scrapy crawl {arguments[0]} ended with exit status {status}", file=sys.stderr
        )
    return status


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The ids of the stories that are changed."""

    edited: str
    copied: str
    withdrawn: str


def _change(replica: Running) -> None:
    """Edit a story silently, publish an altered copy, and withdraw a story."""
    chosen = _choose(replica.truth())
    replica.revise(chosen.edited)
    replica.repost_altered(chosen.copied)
    replica.remove(chosen.withdrawn)
    print(
        "\nMeanwhile ANTARA changes a number in one story without saying so and takes another "
        "down,\nand the aggregator publishes a copy of a third that is not what ANTARA wrote.",
        flush=True,
    )


def _choose(truth: list[dict[str, Any]]) -> _Chosen:
    """Choose stories without copies; the same ones in every demo of this size."""
    copied = {story["copy_of"] for story in truth}
    suitable = [
        story["id"]
        for story in truth
        if story["canonical_url"].startswith(f"https://{MAIN}/")
        and story["kind"] == "article"
        and story["pages"] == 1
        and story["id"] not in copied
        and any(map(has_number, story["text"].split("\n\n")[1:]))
    ]
    if len(suitable) < 3:
        raise NewsbotError("too few stories for a demo; raise --articles")
    return _Chosen(*suitable[:3])


if __name__ == "__main__":
    main()
