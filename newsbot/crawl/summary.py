"""The summary that a crawl prints."""

from newsbot.landing.outcome import Judgement, describe
from newsbot.landing.upload import Landed
from newsbot.progress import bytes_text

_ORDER = ("article", "unchanged", "duplicate", "list", "feed", "robots", "redirect", "next_page")


def summary(landed: Landed, judgement: Judgement, place: str) -> str:
    """Return a summary of a few lines for the operator; the manifest has all details."""
    manifest = landed.manifest
    counts = manifest.counts
    seconds = (manifest.finished - manifest.started).total_seconds()
    became = dict(counts["became"])
    pages = [f"{became.pop(name)} {name}" for name in _ORDER if name in became]
    pages += [f"{number} {name}" for name, number in became.items()]
    lines = [
        f"{manifest.site}: {judgement.outcome} in {seconds:.0f} s, {place}",
        f"  articles  {counts['new']} new, {counts['changed']} changed",
        f"  exchanges {counts['exchanges']} ({bytes_text(counts['bytes'])}): {', '.join(pages)}",
    ]
    if counts["not_modified"]:
        lines.append(f"  unchanged {counts['not_modified']} not modified (304)")
    if counts["failed"]:
        lines.append(f"  failed    {describe(counts['failed'])}")
    articles = counts["articles"]
    incomplete = [
        f"{name} {articles - present}"
        for name, present in counts["fields"].items()
        if present < articles
    ]
    if incomplete:
        lines.append(f"  missing   {', '.join(incomplete)} (of {articles} articles)")
    lines.append(f"  chain     head {landed.manifest_sha256}")
    lines += [f"  check     {reason}" for reason in judgement.reasons]
    return "\n".join(lines)
