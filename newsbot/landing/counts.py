"""The counts of a run, for its manifest and the run history."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from newsbot.archive.lines import GzipLines

EXPECTED_FIELDS = (
    "title", "dateline", "text", "authors", "section", "tags", "images", "published_at",
)  # fmt: skip


# Errors of OpenSSL and service_identity about a refused certificate contain one of these.
_CERTIFICATE = ("certificate", "VerificationError")


@dataclass(slots=True)
class _KindCounts:
    """Counts of one kind of article: its fields, and pages on which a rule found nothing.

    ``hinted`` are the fields that feeds, sitemaps and lists gave, and the pages did not.
    """

    articles: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    hinted: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, Any]:
        """Return the counts as the manifest has them."""
        return {
            "articles": self.articles,
            "fields": {name: self.fields[name] for name in EXPECTED_FIELDS},
            "hinted": dict(sorted(self.hinted.items())),
            "pages": self.pages,
            "missed": dict(sorted(self.missed.items())),
        }


def counts(folder: Path) -> dict[str, Any]:
    """Return the counts of a closed run, taken from its files."""
    became: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    requisites: Counter[str] = Counter()
    exchanges = received = not_modified = requisite_bytes = 0
    kinds: defaultdict[str, _KindCounts] = defaultdict(_KindCounts)
    for line in GzipLines(folder / "files" / "crawl.jsonl.gz"):
        exchanges += 1
        received += line["bytes"]
        if line.get("role") == "requisite":
            requisites[line["became"]] += 1
            requisite_bytes += line["bytes"]
            continue
        if line.get("uncounted"):
            continue
        not_modified += line.get("status") == HTTPStatus.NOT_MODIFIED
        became[line["became"]] += 1
        if line["became"] == "failed":
            failed[_failure_reason(line)] += 1
        if "unmatched" in line:
            kind = kinds[line.get("kind", "article")]  # older runs in the spool have none
            kind.pages += 1
            kind.missed.update(line["unmatched"])
    new = 0
    for article in GzipLines(folder / "files" / "articles.jsonl.gz"):
        new += article["revision"]["number"] == 1
        kind = kinds[article["kind"]]
        kind.articles += 1
        has = [name for name in EXPECTED_FIELDS if article[name]]
        kind.fields.update(has)
        kind.hinted.update(name for name in has if name in article["missing"])
    articles = sum(kind.articles for kind in kinds.values())
    return {
        "exchanges": exchanges,
        "bytes": received,
        "not_modified": not_modified,
        "became": dict(sorted(became.items())),
        "failed": dict(sorted(failed.items())),
        "articles": articles,
        "new": new,
        "changed": articles - new,
        "fields": {
            name: sum(kind.fields[name] for kind in kinds.values()) for name in EXPECTED_FIELDS
        },
        "kinds": {name: kind.counts() for name, kind in sorted(kinds.items())},
        "requisites": {"bytes": requisite_bytes, **dict(sorted(requisites.items()))},
    }


def _failure_reason(line: Mapping[str, Any]) -> str:
    """Return why an exchange failed, as one word."""
    if any(sign in line.get("error", "") for sign in _CERTIFICATE):
        return "certificate"
    if line.get("error", "").startswith("CannotResolveHostError"):
        return "dns"
    error = line.get("why") or line.get("error") or f"http-{line.get('status')}"
    return str(error).partition(":")[0]
