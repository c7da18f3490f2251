"""How the captures of a page without an article are shown."""

import json
import sys
from collections.abc import Sequence

import typer

from newsbot.archive.articles import Capture, nothing_before, raw_capture
from newsbot.archive.instants import Instant, moment_of
from newsbot.cli.screen import table
from newsbot.errors import NewsbotError
from newsbot.stores.store import Store


def show_captures(
    url: str,
    store: Store,
    captures: Sequence[Capture],
    *,
    at: Instant | None,
    raw: bool,
    as_json: bool,
) -> None:
    """Show the captures of a URL until an instant, or write the newest record that has its bytes.

    Raises:
        NewsbotError: there is none.
    """  # fmt: skip
    found = _until(at, url, store, sorted(captures, key=lambda capture: capture.time))
    if raw:
        whole = [capture for capture in found if capture.fields.get("mime") != "warc/revisit"]
        write_raw(raw_capture(store, (whole or found)[-1]))
    elif as_json:
        rows = [{"run": one.ref.run, "time": one.time, **one.fields} for one in found]
        typer.echo(json.dumps({"url": url, "captures": rows}, ensure_ascii=False, indent=2))
    else:
        typer.echo(f"  {url}: no article; its captures, the newest last:\n")
        table(
            ("time", "status", "type", "digest", "record", "run"),
            [
                (
                    one.time, one.fields["status"], one.fields["mime"], one.fields["digest"],
                    f"{one.fields['filename']} @ {one.fields['offset']}", one.ref.run,
                )
                for one in found
            ],
        )  # fmt: skip


def _until(at: Instant | None, url: str, store: Store, captures: list[Capture]) -> list[Capture]:
    if not captures:
        raise NewsbotError(f"{url}: no revision or capture is in {store.url}")
    found = [one for one in captures if at is None or one.is_by(at)]
    if not found:
        raise nothing_before(url, moment_of(captures[0].time))
    return found


def write_raw(record: bytes) -> None:
    """Write the bytes of a record to the standard output."""
    sys.stdout.buffer.write(record)
    sys.stdout.buffer.flush()
