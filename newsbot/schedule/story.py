"""A run in one line."""

from newsbot.ledger.attempts import PastRun
from newsbot.progress import bytes_text


def story(past: PastRun) -> str:
    """What happened in a run, for the log: outcome, how long, what it brought, what went wrong."""
    took = "" if past.seconds is None else f" in {past.seconds:.0f} s"
    parts = [f"{past.site}: {past.outcome or 'not ended'}{took}"]
    counts = past.counts
    if counts:
        parts.append(f"{counts.get('new', 0)} new, {counts.get('changed', 0)} changed")
        size = bytes_text(counts.get("bytes", 0))
        parts.append(f"{counts.get('exchanges', 0)} exchanges ({size})")
        failed = ", ".join(f"{why} {number}" for why, number in counts.get("failed", {}).items())
        parts.append(f"failed: {failed}" if failed else "none failed")
    parts.append("landed" if past.landed else "nothing landed")
    return "; ".join([*parts, *past.reasons])
