"""Pages per second of plain Scrapy (download only), the assembled stack, and newsbot.

All three fetch the same pages of 84 KB from the same server over TLS with the same concurrency.
newsbot crawls with everything enabled: discovery, capture, extraction, dedupe, ledger and a folder
as its store. Times include the start and the end of each process; marginal times, the difference of
two sizes, do not.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import benchmarks
from benchmarks import _report
from benchmarks._stacks import CONCURRENCY, Cost, assembled, fetched, newsbot, plain, site

NAMES: Final = {"a": "plain Scrapy", "b": "assembled stack", "c": "newsbot"}

Runs = dict[str, dict[int, list[Cost]]]  # by contender and number of articles


def main() -> None:
    """Measure and print; with --long, write results and plot."""
    results = measure(1_000, 4_000, 5, 3) if benchmarks.LONG else measure(250, 550, 1, 1)
    text = describe(results)
    print(text)
    if benchmarks.LONG:
        _report.save("throughput", results)
        _report.into_page("throughput", text)
        _plot(results)


def measure(small: int, large: int, rounds: int, large_rounds: int) -> dict[str, Any]:
    """Run all three in turn with both sizes; return medians and ratios."""
    runs: Runs = defaultdict(lambda: defaultdict(list))
    with site(large) as replica:
        newsbot(replica, large)  # the server renders each page once
        for articles, times in ((small, rounds), (large, large_rounds)):
            for _ in range(times):
                mark = len(replica.log())
                runs["c"][articles].append(newsbot(replica, articles))
                urls = fetched(replica, mark)
                runs["a"][articles].append(plain(replica, urls))
                runs["b"][articles].append(assembled(replica, urls))
    return _results(runs, small, large)


def describe(results: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    rows = [
        (
            f"{NAMES[name]}, {int(articles):,} articles",
            f"{one['pages']:,}",
            f"{one['seconds']:.1f}",
            f"{one['rate']:.0f}",
            f"{one['cpu']:.1f}",
            f"{one['server']:.0%}",
            f"{one['crawler_mb']:.0f}",
            f"{one['worker_mb']:.0f}" if one["worker_mb"] else "",
        )
        for articles, contenders in results["runs"].items()
        for name, one in contenders.items()
    ]
    heads = (
        "",
        "pages",
        "s",
        "pages/s",
        "CPU s / 1,000 pages",
        "server's core",
        "MB",
        "MB a worker",
    )
    quotients = [
        (
            what,
            *(f"{results['ratios'][kind][what]:.2f}" for kind in ("start-up", "marginal", "cpu")),
        )
        for what in ("c/a", "c/b")
    ]
    first = _report.table(heads, rows)
    second = _report.table(
        ("pages/s of newsbot over", "with start-up", "marginal", "by CPU time"), quotients
    )
    rounds = " and ".join(map(str, results["rounds"]))
    how = f"Concurrency {CONCURRENCY}; medians of {rounds} runs in turn."
    return f"{how}\n\n{first}\n\n{second}"


def _results(runs: Runs, few: int, many: int) -> dict[str, Any]:
    table = {
        articles: {name: _median(runs[name][articles]) for name in NAMES}
        for articles in (few, many)
    }
    small, big = table[few], table[many]
    marginal = {
        name: (big[name]["seconds"] - small[name]["seconds"])
        / (big[name]["pages"] - small[name]["pages"])
        for name in NAMES
    }
    ratios = {
        "start-up": {f"c/{x}": small[x]["seconds"] / small["c"]["seconds"] for x in "ab"},
        "marginal": {f"c/{x}": marginal[x] / marginal["c"] for x in "ab"},
        "cpu": {f"c/{x}": small[x]["cpu"] / small["c"]["cpu"] for x in "ab"},
    }
    return {
        "rounds": [len(runs["c"][few]), len(runs["c"][many])],
        "runs": {f"{articles}": contenders for articles, contenders in table.items()},
        "marginal pages/s": {name: 1 / seconds for name, seconds in marginal.items()},
        "ratios": ratios,
    }


def _median(costs: Iterable[Cost]) -> dict[str, float]:
    """Return the medians of the runs; ``cpu`` is in seconds per 1,000 pages."""
    costs = list(costs)

    def middle(values: Iterable[float]) -> float:
        return statistics.median(values)

    return {
        "pages": costs[0].pages,
        "seconds": middle(one.seconds for one in costs),
        "rate": middle(one.pages / one.seconds for one in costs),
        "cpu": middle(one.cpu / one.pages * 1000 for one in costs),
        "server": middle(one.server / one.seconds for one in costs),
        "crawler_mb": max(one.crawler_mb for one in costs),
        "worker_mb": max(one.worker_mb for one in costs),
    }


def _plot(results: dict[str, Any]) -> None:
    few, many = map(int, results["runs"])
    small = results["runs"][f"{few}"]
    marginal = results["marginal pages/s"]
    groups = {
        f"{few:,} articles, with start-up": {NAMES[x]: small[x]["rate"] for x in NAMES},
        f"each page from {few:,} to {many:,}": {NAMES[x]: marginal[x] for x in NAMES},
    }
    _report.bars("throughput", f"Pages of 84 KB a second, {_report.machine()}", groups)
