"""How the doctor's checks are shown."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from newsbot.doctor.check import Check

_SIGNS: Final = {"good": "good ", "note": "note ", "wrong": "WRONG"}


def report(checks: "Iterable[Check]", *, as_json: bool) -> int:
    """Print each check as soon as it is done, or all as JSON; return the exit status."""
    done = []
    for check in checks:
        done.append(check)
        if not as_json:
            whose = f"{check.site}: " if check.site else ""
            typer.echo(f"{_SIGNS[check.verdict]} {whose}{check.name}: {check.text}")
            for line in check.details:
                typer.echo(f"        {line}")
    wrong = sum(check.verdict == "wrong" for check in done)
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in done], ensure_ascii=False, indent=2))
    else:
        typer.echo(f"{wrong} of {len(done)} checks are wrong" if wrong else "all is well")
    return 3 if wrong else 0
