"""Places stories and their copies and counts what was found, missed and mistaken."""

import random
from collections import Counter
from dataclasses import dataclass, field

from newsbot.ledger import Ledger
from newsbot.ledger.copies.links import clusters_of
from tests.ledger.newsroom import Told, copies, originals
from tests.ledger.placing import article, place


@dataclass
class Score:
    """Origins found, missed and wrong; clusters that hold two different stories."""

    found: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    mixed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of the origins that there are, those found."""
        return self.found / (self.found + len(self.missed))

    @property
    def precision(self) -> float:
        """Of the origins found, those that are right."""
        return self.found / (self.found + len(self.wrong))

    def __str__(self) -> str:
        kinds = Counter(name.rpartition("-")[2] for name, _ in self.missed)
        return (
            f"recall {self.recall:.4f} precision {self.precision:.4f} found {self.found} "
            f"mixed {len(self.mixed)} missed {dict(kinds)} wrong {self.wrong[:6]}"
        )


def score(ledger: Ledger, seed: int, language: str, number: int) -> Score:
    """Land the stories in two runs, then their copies, and compare with the truth."""
    stories = originals(seed, language, number)
    told = copies(seed, stories)
    half = len(stories) // 2
    result = Score()
    for run, batch in enumerate((stories[:half], stories[half:], list(told))):
        made = [article(_url(one), one.text, run * 3, title=one.title) for one in batch]
        if run == 2:
            random.Random(seed).shuffle(made)
        for placed in place(ledger, made, f"r{run}"):
            one = next(told for told in batch if _url(told) == placed.article.canonical_url)
            got = {origin.url for origin in placed.article.origins}
            want = {f"https://wire.example/{name}" for name in one.tells} if run == 2 else set()
            result.found += len(got & want)
            result.missed += [(one.name, str(url)) for url in want - got]
            result.wrong += [(one.name, str(url)) for url in got - want]
    result.mixed = _mixed(ledger, stories)
    return result


def _mixed(ledger: Ledger, stories: list[Told]) -> list[tuple[str, str]]:
    """Pairs of different stories in one cluster."""
    urls = {_url(one) for one in stories}
    found = []
    for url in sorted(urls):
        for cluster in clusters_of(ledger, url):
            found += [(url, m.url) for m in cluster if m.url in urls and m.url != url]
    return found


def _url(told: Told) -> str:
    host = "copies" if "-" in told.name.partition("-")[2].partition("-")[2] else "wire"
    return f"https://{host}.example/{told.name}"
