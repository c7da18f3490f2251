"""The demo's report: what landed, and the edit, the copy and the withdrawal that were found."""

import shlex
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from newsbot.archive.articles import ArticleFinder, ArticleHistory
from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import Snapshot, find_runs, read_runs
from newsbot.archive.textdiff import diff_texts
from newsbot.cli.diffs import RevisionDiff, as_lines, paragraph_lines
from newsbot.cli.screen import table
from newsbot.config import Config
from newsbot.errors import NewsbotError
from newsbot.progress import bytes_text
from newsbot.sites.loading import load_sites
from newsbot.stores.opening import open_store

_Found = TypeVar("_Found")


def report(config: Config) -> None:
    """Print what has landed and what was found, all from the archive alone.

    Raises:
        NewsbotError: the archive does not have the changes of the site.
    """
    store = open_store(config.store_url)
    runs = [run for run in read_runs(store, find_runs(store)) if isinstance(run, Snapshot)]
    print(f"\nWhat has landed in {store.url}:\n")
    _print_runs(runs)
    edited = _only(_edited(runs), "a silent edit")
    copy = _only(_altered_copies(runs), "an altered copy")
    withdrawn = _only(_withdrawn(runs), "a withdrawal")
    finder = ArticleFinder(store, load_sites(config.seeds_folder), config.ledger_url)
    _print_edit(finder.history(edited))
    _print_copy(copy, finder.history(copy["origins"][0]["url"]))
    _print_withdrawal(finder.history(withdrawn))
    days = sorted({run.ref.date for run in runs})
    _print_commands(config, days, edited, copy["canonical_url"], withdrawn)


def _lines(run: Snapshot, name: str) -> Iterator[dict[str, Any]]:
    file = run.open(f"{name}.jsonl.gz")
    yield from GzipLines(file.read(), file.url)


def _edited(runs: list[Snapshot]) -> list[str]:
    return [
        article["canonical_url"]
        for run in runs
        for article in _lines(run, "articles")
        if article["revision"]["number"] > 1
    ]


def _altered_copies(runs: list[Snapshot]) -> list[dict[str, Any]]:
    return [
        article
        for run in runs
        for article in _lines(run, "articles")
        if any(origin["altered"] and origin["url"] for origin in article["origins"])
    ]


def _withdrawn(runs: list[Snapshot]) -> list[str]:
    return [
        str(event["url"])
        for run in runs
        for event in _lines(run, "events")
        if event["event"] == "gone"
    ]


def _only(found: list[_Found], what: str) -> _Found:
    if len(found) != 1:
        raise NewsbotError(f"the archive should have {what}, but {len(found)} were found")
    return found[0]


def _print_runs(runs: list[Snapshot]) -> None:
    table(
        ("date", "site", "run", "outcome", "articles", "size"),
        [
            (
                run.ref.date.isoformat(),
                run.ref.site,
                run.ref.run,
                run.manifest.outcome,
                int(run.manifest.counts["articles"]),
                bytes_text(sum(entry.size for entry in run.manifest.files)),
            )
            for run in runs
        ],
    )


def _print_edit(history: ArticleHistory) -> None:
    old, new = history.versions[-2:]
    is_silent = old.article["modified_at"] == new.article["modified_at"]
    print(f"\nOne story was edited{', and its page does not say so' if is_silent else ''}:\n")
    _print_lines(as_lines(RevisionDiff.between(history.url, old, new), colour=_colour()))


def _print_copy(copy: dict[str, Any], original: ArticleHistory) -> None:
    origin = copy["origins"][0]
    print(f"\nOne copy is not what its original says:\n\n{copy['canonical_url']}")
    print(f"is a copy of {origin['url']}\n({origin['evidence']}); what it altered:")
    changes = diff_texts(original.versions[-1].text, copy["text"])
    _print_lines(paragraph_lines(changes, colour=_colour()))


def _print_withdrawal(history: ArticleHistory) -> None:
    gone, last = history.events[-1], history.versions[-1]
    print(f"\nOne story was taken down ({gone.time[:19]}Z); the archive still has it:\n")
    print(f"{history.url}\n{last.title}\n  {last.text.partition(chr(10))[0]}")


def _print_lines(lines: Iterator[Text]) -> None:
    console = Console(soft_wrap=not _colour())
    for line in lines:
        console.print(line)


def _colour() -> bool:
    return sys.stdout.isatty()


def _print_commands(
    config: Config, days: list[date], edited: str, copy: str, withdrawn: str
) -> None:
    """Print commands that work from any folder, each on a line of its own."""
    folder = config.installation.folder
    span = days[0].isoformat() if len(days) == 1 else f"{days[0]}..{days[-1]}"
    commands = {
        "all snapshots": ["list"],
        "the edit, word by word": ["diff", edited],
        "whose copy it is": ["show", copy, "--copies"],
        "what was taken down": ["show", withdrawn],
        "pages as they looked, for https://replayweb.page": [
            "export", span, "--format", "wacz", "--to", str(folder / "pages.wacz"),
        ],
        "download snapshots, with every checksum checked": [
            "download", span, "--to", str(folder / "snapshots"),
        ],
        "check that everything is as it landed": ["verify"],
    }  # fmt: skip
    program = Path(sys.executable).parent / "newsbot"
    print("\nTry next:")
    for what, arguments in commands.items():
        command = [str(program), "--config", str(config.installation.file), *arguments]
        print(f"\n# {what}\n{shlex.join(command)}")
