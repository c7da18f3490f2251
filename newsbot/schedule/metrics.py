"""Metrics for Prometheus. All totals come from the ledger, so a restart does not reset them."""

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
    "exchanges": ("newsbot_exchanges", "Requests that were sent, with or without a response."),
    "bytes": ("newsbot_received_bytes", "Bytes received on the wire."),
    "new": ("newsbot_articles_new", "Articles that were not known before."),
    "changed": ("newsbot_articles_changed", "New revisions of known articles."),
}


class Metrics(Collector):
    """Collects metrics on request; without the ledger, only what the service knows itself."""

    def __init__(self, config: Config, ledger: Ledger, service: Service, clock: Clock) -> None:
        self._config = config
        self._ledger = ledger
        self._service = service
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Return nothing: collecting at registration would query the ledger."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics with their present values."""
        yield _gauge("newsbot_info", "The version.", ("version",), {(__version__,): 1})
        yield GaugeMetricFamily(
            "newsbot_crawls_running", "Crawls that are running.", value=len(self._service.crawls)
        )
        yield GaugeMetricFamily(
            "newsbot_seeds_broken",
            "Seeds whose newest version cannot be used.",
            value=len(self._service.seeds.problems),
        )
        spool = spooled(self._config.spool_folder)
        yield _site_gauge("newsbot_spool_runs", "Runs in the spool.",
            {site: runs for site, (runs, _) in spool.items()})  # fmt: skip
        yield _site_gauge("newsbot_spool_bytes", "Bytes of the runs in the spool.",
            {site: size for site, (_, size) in spool.items()})  # fmt: skip
        yield from self._ledger_metrics()

    def _ledger_metrics(self) -> Iterator[Metric]:
        up = "newsbot_ledger_up", "1 if the ledger can be read, else 0."
        try:
            sums, plans = totals(self._ledger), self._service.plans(self._clock.now())
            alarms = open_alarms(self._ledger)
        except LedgerError:
            yield GaugeMetricFamily(*up, value=0)
            return
        yield GaugeMetricFamily(*up, value=1)
        yield from _total_metrics(sums)
        yield _site_gauge("newsbot_next_crawl_timestamp_seconds", "When the next crawl starts.",
            {name: plan.next.timestamp() for name, (_, plan, _) in plans.items()})  # fmt: skip
        yield _gauge("newsbot_alarm_open", "Open alarms; site is empty for the installation's own.",
            ("kind", "site"), {(alarm.kind.value, alarm.site): 1 for alarm in alarms})  # fmt: skip
        yield from _run_metrics({name: past for name, (_, _, past) in plans.items() if past})


def _total_metrics(sums: Totals) -> Iterator[Metric]:
    family = CounterMetricFamily(
        "newsbot_runs", "Crawls that have ended, including those that failed to start.",
        labels=["site", "outcome"],
    )  # fmt: skip
    for (site, outcome), number in sums.runs.items():
        if outcome != "running":
            family.add_metric([site, outcome], number)
    yield family
    for key, (name, text) in _SUMS.items():
        family = CounterMetricFamily(name, text, labels=["site"])
        for (site, summed), number in sums.sums.items():
            if summed == key:
                family.add_metric([site], number)
        yield family
    yield _site_gauge("newsbot_pending_urls", "URLs seen and not yet fetched.", sums.pending)
    yield _site_gauge("newsbot_newest_article_timestamp_seconds",
        "When the newest article that was not known before was fetched.",
        {site: at.timestamp() for site, at in sums.newest.items()})  # fmt: skip


def _run_metrics(newest: Mapping[str, PastRun]) -> Iterator[Metric]:
    """Yield the metrics of each site's newest full run; partial crawls do not count."""
    ended = {name: past for name, past in newest.items() if past.finished is not None}
    yield _site_gauge("newsbot_last_run_started_timestamp_seconds", "When the last run began.",
        {name: past.started.timestamp() for name, past in newest.items()})  # fmt: skip
    yield _site_gauge("newsbot_last_run_duration_seconds", "How long the last run took.",
        {name: past.seconds or 0.0 for name, past in ended.items()})  # fmt: skip
    yield _site_gauge("newsbot_last_run_exit_status",
        "Exit status of the last run; 0 is good, a negative number is a signal.",
        {name: past.exit_status or 0 for name, past in ended.items()})  # fmt: skip
    failures = {
        (name, why): number
        for name, past in ended.items()
        for why, number in past.counts.get("failed", {}).items()
    }
    yield _gauge("newsbot_last_run_failed_exchanges",
        "Exchanges of the last run that failed, by reason.", ("site", "why"), failures)  # fmt: skip


def _site_gauge(name: str, text: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    return _gauge(name, text, ("site",), {(site,): value for site, value in values.items()})


def _gauge(
    name: str, text: str, labels: Sequence[str], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
