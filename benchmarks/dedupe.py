"""The cost of classifying an article among 100,000 others: time, memory and disk.

The ledger is SQLite on disk. Texts are of some 250 invented words with the frequencies of a
language (Zipf); every tenth article is a copy with 20 % of its words changed.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from newsbot.ledger import Ledger
from newsbot.ledger.copies.index import add_texts
from newsbot.ledger.copies.texts import Text, text_of
from newsbot.ledger.dedupe import Deduper
from newsbot.models import Article, ExtractorInfo
from newsbot.sites.loading import Sites

WINDOWS = (2_000, 20_000, 100_000)
PLACED = 1_000
_BEGIN = datetime(2025, 2, 1, tzinfo=UTC)
_VOCABULARY = [
    f"{a}{b}{c}{d}"
    for a in "bdkmprst"
    for b in "aiuo"
    for c in "klnrst"
    for d in (
        "a",
        "an",
        "i",
        "ang",
        "u",
        "it",
        "ara",
        "o",
        "is",
        "ung",
    )
]
_FREQUENCY = list(accumulate(1 / rank for rank in range(2, len(_VOCABULARY) + 2)))


def main() -> None:
    """Fill a ledger, classify articles, and print the cost."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        ledger = Ledger.open(f"sqlite:///{path}")
        articles = _articles(random.Random(1))
        for size in WINDOWS:
            landing = _land(ledger, articles, size)
            _place(ledger, articles, size, landing)
        ledger.close()
        size = path.stat().st_size
        print(f"on disk {size / 1e6:.0f} MB, {size / WINDOWS[-1]:.0f} bytes an article")


def _land(ledger: Ledger, articles: Iterator[Article], size: int) -> float:
    """Fill the window up to the size; return CPU milliseconds per article."""
    spent = 0.0
    with ledger.reading() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM texts").scalar_one()
    landed: int = size - stored
    while stored < size:
        texts: list[Text] = [text_of(one, 1, None) for one in islice(articles, 1000)]
        began = time.process_time()
        with ledger.transaction() as connection:
            add_texts(connection, texts)
        spent += time.process_time() - began
        stored += len(texts)
    return spent * 1000 / landed


def _place(ledger: Ledger, articles: Iterator[Article], size: int, landing: float) -> None:
    some = list(islice(articles, PLACED))
    deduper = Deduper(ledger, Sites(()))
    began, cpu = time.perf_counter(), time.process_time()
    copies = sum(bool(deduper.classify(one, None).article.origins) for one in some)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    deduper.close()
    print(
        f"{size:>7} in the window: place {cpu * 1000 / PLACED:.2f} ms CPU an article "
        f"({wall * 1000 / PLACED:.2f} ms by the clock), index at landing {landing:.2f} ms CPU; "
        f"{copies} of {PLACED} copies found; peak memory "
        f"{getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        flush=True,
    )


def _articles(rng: random.Random) -> Iterator[Article]:
    """Yield articles without end; every tenth copies one of the last thousand."""
    first = Article(
        id="x",
        url="https://a.example/",
        canonical_url="https://a.example/",
        site="a",
        content_sha256="0" * 64,
        extractor=ExtractorInfo(version="1", rules="0" * 12),
        fetched_at=_BEGIN,
    )
    recent: list[str] = []
    number = 0
    while True:
        number += 1
        if number % 10 == 0:
            text = " ".join(w if rng.random() > 0.2 else "xyz" for w in rng.choice(recent).split())
        else:
            text = " ".join(
                rng.choices(_VOCABULARY, cum_weights=_FREQUENCY, k=rng.randint(150, 350))
            )
            recent = [*recent[-999:], text]
        url = f"https://a.example/{number}"
        when = _BEGIN + timedelta(seconds=20 * number)
        yield first.model_copy(
            update={
                "id": url,
                "url": url,
                "canonical_url": url,
                "text": text,
                "fetched_at": when,
                "content_sha256": f"{number:064x}",
            }
        )


if __name__ == "__main__":
    main()
