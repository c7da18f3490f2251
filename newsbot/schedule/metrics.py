"""What Prometheus is told. All totals come from the ledger, so a restart does not reset them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from newsbot._version import __version__
from newsbot.alarms import open_alarms
from newsbot.config import Config
from newsbot.errors import LedgerError
from newsbot.landing.spool import spooled
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import PastRun
from newsbot.ledger.totals import Totals, totals
from newsbot.schedule.service import Clock, Service

_SUMS = {
    "exchanges": ("newsbot_exchanges", "Requests that were sent, with what came of them."),
    "bytes": ("newsbot_received_bytes", "Bytes received, as they were on the wire."),
    "new": ("newsbot_articles_new", "Articles that were not known before."),
    "changed": ("newsbot_articles_changed", "New revisions of known articles."),
}


class Metrics(Collector):
    """Collects when asked; without the ledger only what the service knows itself."""

    def __init__(self, config: Config, ledger: Ledger, service: Service, clock: Clock) -> None:
        self._config = config
        self._ledger = ledger
        self._service = service
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Describe nothing beforehand: collecting at registration would ask the ledger."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield everything, as it is now."""
        yield _by("newsbot_info", "The version.", ("version",), {(__version__,): 1})
        yield GaugeMetricFamily(
            "newsbot_crawls_running", "Crawls under watch.", value=len(self._service.crawls)
        )
        yield GaugeMetricFamily(
            "newsbot_seeds_broken",
            "Seeds whose newest edit is refused.",
            value=len(self._service.seeds.problems),
        )
        spool = spooled(self._config.spool_folder)
        yield _by_site("newsbot_spool_runs", "Runs on the local disk, landing or not.",
            {site: runs for site, (runs, _) in spool.items()})  # fmt: skip
        yield _by_site("newsbot_spool_bytes", "Bytes of them.",
            {site: size for site, (_, size) in spool.items()})  # fmt: skip
        yield from self._of_ledger()

    def _of_ledger(self) -> Iterator[Metric]:
        up = "newsbot_ledger_up", "Whether the ledger answers."
        try:
            found, plans = totals(self._ledger), self._service.plans(self._clock.now())
            alarms = open_alarms(self._ledger)
        except LedgerError:
            yield GaugeMetricFamily(*up, value=0)
            return
        yield GaugeMetricFamily(*up, value=1)
        yield from _of_totals(found)
        yield _by_site("newsbot_next_crawl_timestamp_seconds", "When the next crawl is to start.",
            {name: plan.next.timestamp() for name, (_, plan, _) in plans.items()})  # fmt: skip
        yield _by("newsbot_alarm_open", "Alarms that are open; site is empty for the house's.",
            ("kind", "site"), {(alarm.kind.value, alarm.site): 1 for alarm in alarms})  # fmt: skip
        yield from _of_newest({name: past for name, (_, _, past) in plans.items() if past})


def _of_totals(found: Totals) -> Iterator[Metric]:
    family = CounterMetricFamily(
        "newsbot_runs", "Attempts at a crawl that have ended.", labels=["site", "outcome"]
    )
    for (site, outcome), number in found.runs.items():
        if outcome != "running":
            family.add_metric([site, outcome], number)
    yield family
    for key, (name, text) in _SUMS.items():
        family = CounterMetricFamily(name, text, labels=["site"])
        for (site, of), number in found.sums.items():
            if of == key:
                family.add_metric([site], number)
        yield family
    yield _by_site("newsbot_pending_urls", "URLs seen and not yet fetched.", found.pending)
    yield _by_site("newsbot_newest_article_timestamp_seconds",
        "When the newest article that was not known before was fetched.",
        {site: at.timestamp() for site, at in found.newest.items()})  # fmt: skip


def _of_newest(newest: Mapping[str, PastRun]) -> Iterator[Metric]:
    """About each site's newest attempt at all that is new."""
    ended = {name: past for name, past in newest.items() if past.finished is not None}
    yield _by_site("newsbot_last_run_started_timestamp_seconds", "When it began.",
        {name: past.started.timestamp() for name, past in newest.items()})  # fmt: skip
    yield _by_site("newsbot_last_run_duration_seconds", "How long it took.",
        {name: past.seconds or 0.0 for name, past in ended.items()})  # fmt: skip
    yield _by_site("newsbot_last_run_exit_status", "0 is good; negative is a signal.",
        {name: past.exit_status or 0 for name, past in ended.items()})  # fmt: skip
    failures = {
        (name, why): number
        for name, past in ended.items()
        for why, number in past.counts.get("failed", {}).items()
    }
    yield _by("newsbot_last_run_failed_exchanges", "Exchanges that failed in it, by why.",
        ("site", "why"), failures)  # fmt: skip


def _by_site(name: str, text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    return _by(name, text, ("site",), {(site,): value for site, value in values.items()})


def _by(
    name: str, text: str, labels: Sequence[str], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
