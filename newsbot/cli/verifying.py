"""The command that checks snapshots."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from newsbot.archive.chain import ChainHead
from newsbot.archive.verify_target import TrustedHeads, faults_of, known_heads
from newsbot.cli.app import Json, Part, commands
from newsbot.cli.opening import config_of, open_to_read, sites_of
from newsbot.config import Config
from newsbot.errors import ConfigError


@commands.command()
def verify(
    target: Annotated[
        str | None,
        typer.Argument(help="A WARC file, a day, a run, a folder or s3://…; else the whole store."),
    ] = None,
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
    as_json: Json = False,
) -> None:
    """Check snapshots without trusting who made them; exits with 1 if there is any fault.

    A remark is no fault: what a server sent is not as its header says, and is kept as it came.

    Example: `newsbot verify 2025-02-28`
    """
    config = config_of(None)
    if target is None:
        open_to_read(config)
    count = 0
    chains: list[str] = []
    trusted = _trusted_heads(config, [_head(value) for value in head or ()])
    for fault in faults_of(
        target,
        config.store_url,
        only=None if only is None else only.value,
        trusted=trusted,
        report=chains.append,
        options=config.s3,
    ):
        count += not fault.is_remark
        word = "REMARK" if fault.is_remark else "FAULT"
        typer.echo(json.dumps(asdict(fault)) if as_json else f"{word} {fault}")
    if not as_json:
        for line in chains:
            typer.echo(line)
        typer.echo(f"{count} faults" if count else f"{target or config.store_url}: no fault")
    raise typer.Exit(1 if count else 0)


def _head(value: str) -> ChainHead:
    site, _, sha256 = value.rpartition("=")
    if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
        raise ConfigError(f"--head {value}: not SHA256 or SITE=SHA256, in 64 hex digits")
    return ChainHead(sha256, site or None)


def _trusted_heads(config: Config, heads: list[ChainHead]) -> TrustedHeads:
    """Return what the user, the ledger and the spool know."""

    def own_heads(sites: Iterable[str]) -> Iterator[ChainHead]:
        return known_heads(config.ledger_url, sorted({*sites, *(sites_of(config) or {})}))

    return TrustedHeads(tuple(heads), own_heads, lambda run: (config.spool_folder / run).is_dir())
