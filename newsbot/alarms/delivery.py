"""Sends alarms out through Apprise: by mail, chat or webhook. What fails is retried.

An address contains secrets: none is ever written to the ledger or to a log.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request, urlopen

from pydantic import SecretStr
from sqlalchemy import select, update

from newsbot._version import __version__
from newsbot.alarms.verdict import INSTALLATION, Kind, Verdict, right, wrong
from newsbot.errors import ConfigError
from newsbot.ledger import Ledger
from newsbot.ledger.schema import notices

logger = logging.getLogger(__name__)

_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=1)
_CLAIM: Final = timedelta(minutes=5)  # how long one process has the sole right to send a notice
_BATCH: Final = 20  # notices per call, so that a crawl never ends in a long wait
_SHORTEST_SECRET: Final = 4  # characters; shorter parts of an address occur in any sentence
_PING_TIMEOUT: Final = 10.0  # seconds
_PING_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that could not be delivered so far; ``since`` is when it was written (UTC)."""

    alarm: str
    event: str
    address: str
    since: datetime
    attempts: int
    error: str | None


def targets_of(addresses: Sequence[SecretStr]) -> dict[str, SecretStr]:
    """Return the addresses by a digest of each, which may be stored where they may not."""
    return {
        hashlib.sha256(address.get_secret_value().encode()).hexdigest()[:12]: address
        for address in addresses
    }


def check_addresses(addresses: Sequence[SecretStr]) -> None:
    """Check that Apprise understands each address, without sending anything.

    Raises:
        ConfigError: one is not an address; the message has its position and not its text.
    """
    for position, address in enumerate(addresses, 1):
        _plugin(address, position)


def deliver(ledger: Ledger, addresses: Sequence[SecretStr], now: datetime) -> int:
    """Send the notices that are due and return how many were delivered.

    What fails is retried after 1 minute, then after twice as long each time, at most 1 hour.

    Each notice is claimed first, so that only one of several processes sends it. If a process dies
    between sending a notice and recording that, the notice is sent again: twice rather than never.
    """
    targets = targets_of(addresses)
    due = (
        select(notices)
        .where(notices.c.delivered.is_(None), notices.c.next_attempt <= now)
        .where(notices.c.target.in_(list(targets)))
        .order_by(notices.c.created, notices.c.event.desc())
        .limit(_BATCH)
    )
    with ledger.reading() as connection:
        rows = connection.execute(due).all() if targets else []
    delivered = 0
    for row in rows:
        if _claim(ledger, row, now):
            error = send(targets[row.target], *_title_and_body(row.text))
            _record_attempt(ledger, row, error, now)
            delivered += error is None
    return delivered


def undelivered(ledger: Ledger, addresses: Sequence[SecretStr]) -> list[Undelivered]:
    """Return the notices that were tried and not delivered, oldest first."""
    names = {target: _masked(address) for target, address in targets_of(addresses).items()}
    query = (
        select(notices)
        .where(notices.c.delivered.is_(None), notices.c.attempts > 0)
        .order_by(notices.c.created)
    )
    with ledger.reading() as connection:
        return [
            Undelivered(
                row.alarm,
                row.event,
                names.get(row.target, "an address that is no longer configured"),
                row.created,
                row.attempts,
                row.error,
            )
            for row in connection.execute(query)
        ]


def send(address: SecretStr, title: str, body: str) -> str | None:
    """Send one message now and return None, or what went wrong, without secrets."""
    apprise = _apprise()
    _silence_libraries()
    try:
        service = apprise.Apprise()
        service.add(_plugin(address, 1))
        with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
            is_sent = bool(service.notify(body=body, title=title))
            messages = log.getvalue().strip().splitlines()
    except ConfigError:
        return "it is not a URL that Apprise knows"
    except Exception as error:  # noqa: BLE001 - a plugin's bug must not end the crawl
        messages, is_sent = [type(error).__name__], False
    if is_sent:
        return None
    return _without_secrets(messages[-1] if messages else "the service refused it", address)


def _title_and_body(text: str) -> tuple[str, str]:
    title, _, body = text.partition("\n")
    return title, body or title


def _claim(ledger: Ledger, row: Any, now: datetime) -> bool:
    with ledger.transaction() as connection:
        claimed = connection.execute(
            _update_of(row)
            .where(notices.c.attempts == row.attempts, notices.c.delivered.is_(None))
            .values(attempts=row.attempts + 1, next_attempt=now + _CLAIM)
        )
    return bool(claimed.rowcount == 1)


def _record_attempt(ledger: Ledger, row: Any, error: str | None, now: datetime) -> None:
    wait = min(_FIRST_WAIT * 2**row.attempts, _LONGEST_WAIT)
    values = {"delivered": now} if error is None else {"next_attempt": now + wait, "error": error}
    with ledger.transaction() as connection:
        connection.execute(_update_of(row).values(**values))
    if error is not None:
        logger.warning(
            "alarm %s was not delivered (%s); the next attempt is in %s", row.alarm, error, wait
        )


def _update_of(row: Any) -> Any:
    return update(notices).where(
        notices.c.alarm == row.alarm,
        notices.c.event == row.event,
        notices.c.target == row.target,
    )


def _apprise() -> Any:
    import apprise  # noqa: PLC0415 - 0.2 s, for the few runs that have something to send

    return apprise


def _plugin(address: SecretStr, position: int) -> Any:
    plugin = _apprise().Apprise.instantiate(address.get_secret_value(), suppress_exceptions=True)
    if plugin is None:
        raise ConfigError(
            f"NEWSBOT_NOTIFY: address {position} is not a URL that Apprise knows; write it as "
            "mailto://…, slack://…, json://… (github.com/caronc/apprise lists them)"
        )
    return plugin


def _silence_libraries() -> None:
    """Hide what Apprise and urllib3 log below a warning: those lines contain the address."""
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _masked(address: SecretStr) -> str:
    """Return the address without anything secret: its scheme alone."""
    return f"{urlsplit(address.get_secret_value()).scheme}://…"


def _without_secrets(text: str, address: SecretStr) -> str:
    """Return the text with every part of the address but its scheme masked."""
    whole = address.get_secret_value()
    rest = whole.partition("://")[2]
    parts = {whole, *rest.replace("@", "/").replace(":", "/").replace("?", "/").split("/")}
    parts |= {unquote(part) for part in parts}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET:
            text = text.replace(part, "…")
    return text


def ping(address: SecretStr, site: str) -> Verdict:
    """Call the heartbeat URL (GET, up to three attempts) and return the verdict on it.

    ``{site}`` in the URL is replaced by the site's name. The verdict's message never contains the
    URL, which is a secret.
    """
    url = address.get_secret_value().replace("{site}", quote(site, safe=""))
    error = ""
    for _ in range(_PING_ATTEMPTS):
        error = _ping_error(url)
        if not error:
            return right(Kind.ping, INSTALLATION)
    return wrong(Kind.ping, INSTALLATION, f"NEWSBOT_PING, called after a crawl of {site}: {error}")


def _ping_error(url: str) -> str:
    """Call the URL once and return what went wrong, or an empty text."""
    request = Request(url, headers={"User-Agent": f"newsbot/{__version__}"})  # noqa: S310 - checked
    try:
        with urlopen(request, timeout=_PING_TIMEOUT):  # noqa: S310
            return ""
    except HTTPError as error:
        with error:
            return f"it answered {error.code}"
    except (OSError, HTTPException) as error:
        return f"it does not answer ({type(error).__name__})"
