"""/metrics, /healthz and /readyz of the scheduler, on a loopback port."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from newsbot.config import Config
from newsbot.ledger import Ledger
from newsbot.schedule.metrics import Metrics
from newsbot.schedule.service import Clock, Service

logger = logging.getLogger(__name__)

STUCK_SECONDS: Final = 120.0  # without a round; a ledger that is busy may take 30
_PLAIN = "text/plain; charset=utf-8"


@contextmanager
def serve_health(
    config: Config, ledger: Ledger, service: Service, clock: Clock
) -> Iterator[int | None]:
    """Serve from a thread while the block runs, and yield the port, or None if nothing is served.

    A port that is in use (by another scheduler on this machine) is no reason not to crawl: it is
    logged, and nothing is served.
    """
    if config.metrics_port == 0:
        yield None
        return
    handler = _handler(config, ledger, service, clock)
    try:
        server = ThreadingHTTPServer((config.metrics_address, config.metrics_port), handler)
    except OSError as error:
        logger.warning(
            "/metrics and /healthz are not served: %s port %d: %s; set NEWSBOT_METRICS_PORT",
            config.metrics_address, config.metrics_port, error.strerror,
        )  # fmt: skip
        yield None
        return
    thread = threading.Thread(target=server.serve_forever, name="health")
    thread.start()
    logger.info("metrics at http://%s:%d/metrics", config.metrics_address, server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(
    config: Config, ledger: Ledger, service: Service, clock: Clock
) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry()
    registry.register(Metrics(config, ledger, service, clock))

    class Handler(BaseHTTPRequestHandler):
        """Answers GET requests for /metrics, /healthz and /readyz."""

        timeout = 10  # seconds to wait for a request

        def do_GET(self) -> None:
            """Answer with one of the three pages."""
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/healthz":
                self._answer_probe(_liveness_failure(service, clock))
            elif self.path == "/readyz":
                self._answer_probe(_liveness_failure(service, clock) or _readiness_failure(service))
            else:
                self._answer(HTTPStatus.NOT_FOUND, _PLAIN, b"/metrics, /healthz, /readyz\n")

        def _answer_probe(self, failure: str | None) -> None:
            status = HTTPStatus.SERVICE_UNAVAILABLE if failure else HTTPStatus.OK
            self._answer(status, _PLAIN, f"{failure or 'ok'}\n".encode())

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Log nothing: probes come every few seconds."""

    return Handler


def _liveness_failure(service: Service, clock: Clock) -> str | None:
    """Return why the service should be restarted, or None if it should not."""
    if service.last_round is None:
        return None  # it has just started
    age = clock.monotonic() - service.last_round
    return f"no round for {age:.0f} s" if age > STUCK_SECONDS else None


def _readiness_failure(service: Service) -> str | None:
    """Return why the service cannot do its work now, or None if it can."""
    if service.last_round is None:
        return "the first round is not over"
    if service.ledger_error is not None:
        return service.ledger_error
    if not service.seeds.sites:
        return "no seed could be loaded"
    return None
