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
    """Serve while the block runs, from a thread; gives the port.

    A port that is taken (by another scheduler on this machine) is no reason not to crawl: it is
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
            "no /metrics and /healthz: %s port %d: %s; set NEWSBOT_METRICS_PORT",
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
        """Answers GET."""

        timeout = 10  # seconds for a request to come in

        def do_GET(self) -> None:
            """One of three pages."""
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path == "/healthz":
                self._say(_liveness_failure(service, clock))
            elif self.path == "/readyz":
                self._say(_liveness_failure(service, clock) or _not_ready(service))
            else:
                self._answer(HTTPStatus.NOT_FOUND, _PLAIN, b"/metrics, /healthz, /readyz\n")

        def _say(self, trouble: str | None) -> None:
            status = HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK
            self._answer(status, _PLAIN, f"{trouble or 'ok'}\n".encode())

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Nothing: a probe each few seconds is no news."""

    return Handler


def _liveness_failure(service: Service, clock: Clock) -> str | None:
    """Return why the service should be started again, if it should."""
    if service.last_round is None:
        return None  # it has just begun
    age = clock.steady() - service.last_round
    return f"no round for {age:.0f} s" if age > STUCK_SECONDS else None


def _not_ready(service: Service) -> str | None:
    """Return why the service cannot do its work now, if it cannot."""
    if service.last_round is None:
        return "the first round is not over"
    if service.ledger_error is not None:
        return service.ledger_error
    if not service.seeds.sites:
        return "there is no good seed"
    return None
