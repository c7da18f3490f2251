"""The command that checks snapshots."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from newsbot.archive.chain import ChainHead, SiteChain
from newsbot.archive.verify import RunVerdict
from newsbot.archive.verify.checking import How, TrustedHeads, known_heads, verify_target
from newsbot.archive.verify.runs import DeepFaults
from newsbot.archive.verify.target import Selection, Target, target_of
from newsbot.cli.app import Json, Part, SiteName, commands
from newsbot.cli.opening import config_of, day_of, open_to_read, sites_of
from newsbot.cli.screen import transfer_progress
from newsbot.config import Config
from newsbot.errors import ConfigError
from newsbot.progress import bytes_text
from newsbot.warc.fault import Fault


@commands.command()
def verify(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A day, FIRST..LAST, a run, a folder, s3://…, a WARC or WACZ file, or another "
            "file of a run; else the whole store."
        ),
    ] = None,
    site: SiteName = None,
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            help="SHA-256 of a manifest that must be there, or SITE=SHA256, as the crawl's summary "
            "or `newsbot list --json` gave it; may be given again."
        ),
    ] = None,
    only: Annotated[
        Part | None, typer.Option(help="The part that was downloaded, if not all was.")
    ] = None,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also extract each article again from its archived page."),
    ] = False,
    copy: Annotated[
        bool,
        typer.Option("--copy", help="A copy of a part by other tools: it needs no newsbot.json."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check snapshots without trusting who made them; exits with 1 if there is any fault.

    A remark is no fault: what a server sent is not as its header says, and is kept as it came.

    Example: `newsbot verify 2025-02-28`
    """
    config = config_of(None)
    within = Selection(site, day_of(first, "--from"), day_of(last, "--to"))
    chosen = target_of(target, config.store_url, config.s3, within)
    heads = tuple(_head(value) for value in head or ())
    if heads and chosen.file is not None:
        raise ConfigError(f"--head: {target} is one file; give a store, days, or a run's folder")
    if target is None:
        open_to_read(config)
    summary = _Summary(_Shown(chosen), as_json=as_json)
    with (
        _deep(wanted=deep) as deep_faults,
        transfer_progress(enabled=not as_json) as progress,
    ):
        how = How(
            only=None if only is None else only.value,
            is_copy=copy,
            trusted=_trusted_heads(config, heads),
            deep=deep_faults,
            progress=progress,
        )
        for found in verify_target(chosen, how):
            summary.add(found)
    summary.close(target or config.store_url)
    raise typer.Exit(1 if summary.faults else 0)


@contextmanager
def _deep(*, wanted: bool) -> Iterator[DeepFaults]:
    if not wanted:
        yield How().deep
        return
    from newsbot.reprocess import DeepCheck  # noqa: PLC0415 - it brings the extractor: 1 s

    with DeepCheck() as check:
        yield check.faults


@dataclass
class _Summary:
    """Prints what is found as it is found, and adds it up."""

    shown: "_Shown"
    as_json: bool
    faults: int = 0
    remarks: int = 0
    runs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    chains: list[SiteChain] = field(default_factory=list)

    def add(self, found: Fault | RunVerdict | SiteChain) -> None:
        if isinstance(found, SiteChain):
            self.chains.append(found)
        elif isinstance(found, RunVerdict):
            self.runs += 1
            self.counts.update(found.counts)
            if self.as_json:
                typer.echo(json.dumps(_fields(found)))
        else:
            self.faults += not found.is_remark
            self.remarks += found.is_remark
            fault = replace(found, file=self.shown.path_of(found.file))
            word = "REMARK" if fault.is_remark else "FAULT"
            typer.echo(json.dumps(asdict(fault)) if self.as_json else f"{word} {fault}")

    def close(self, target: str) -> None:
        if self.as_json:
            heads = {chain.site: list(chain.heads) for chain in self.chains}
            outcome = "faulty" if self.faults else "good"
            numbers = {"faults": self.faults, "remarks": self.remarks, "runs": self.runs}
            typer.echo(
                json.dumps({"target": target, "outcome": outcome, **numbers, "heads": heads})
            )
            return
        for chain in self.chains:
            typer.echo(str(chain))
        if unchecked := self.counts["unchecked_references"]:
            typer.echo(f"{unchecked} records refer to runs that are not here: not checked")
        faults = _number(self.faults, "fault") if self.faults else "no fault"
        remarks = f", {_number(self.remarks, 'remark')}" if self.remarks else ""
        typer.echo(f"{target}: {self._extent()}{faults}{remarks}")

    def _extent(self) -> str:
        """Return what was checked, in words."""
        if not self.runs:
            return ""
        records, articles = self.counts["records"], self.counts["articles"]
        return (
            f"{_number(self.runs, 'run')}, {bytes_text(self.counts['bytes'])}, "
            f"{_number(records, 'record')}, {_number(articles, 'article')}: "
        )


class _Shown:
    """Names files as one who stands in the working directory does."""

    def __init__(self, target: Target) -> None:
        self._base = "" if target.store is None else target.store.url

    def path_of(self, name: str) -> str:
        """Return a file's address: relative to the working directory if it is below that."""
        if not self._base:
            return name
        if "://" in self._base:
            return f"{self._base}/{name}"
        path, end = Path(self._base, name), "/" if name.endswith("/") else ""
        here = Path.cwd()
        return f"{path.relative_to(here) if path.is_relative_to(here) else path}{end}"


def _fields(run: RunVerdict) -> dict[str, Any]:
    return {
        "run": run.ref.run,
        "site": run.ref.site,
        "day": run.ref.date.isoformat(),
        "outcome": run.outcome,
        "head": None if run.link is None else run.link.sha256,
        "faults": run.faults,
        "remarks": run.remarks,
        "counts": dict(run.counts),
    }


def _number(number: int, of: str) -> str:
    return f"{number} {of}" if number == 1 else f"{number} {of}s"


def _head(value: str) -> ChainHead:
    site, _, sha256 = value.rpartition("=")
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        raise ConfigError(f"--head {value}: not SHA256 or SITE=SHA256, in 64 hex digits")
    return ChainHead(sha256, site or None)


def _trusted_heads(config: Config, heads: tuple[ChainHead, ...]) -> TrustedHeads:
    """Return what the user, the ledger and the spool know."""

    def own_heads(sites: Iterable[str]) -> Iterator[ChainHead]:
        return known_heads(config.ledger_url, sorted({*sites, *(sites_of(config) or {})}))

    return TrustedHeads(heads, own_heads, lambda run: (config.spool_folder / run).is_dir())
