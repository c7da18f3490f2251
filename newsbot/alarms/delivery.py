"""Tells people about alarms, through Apprise: mail, chat, webhook. What fails is tried again.

An address holds secrets: neither the ledger nor a log line ever has one.
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
_CLAIM: Final = timedelta(minutes=5)  # how long a notice is one process's to deliver
_AT_ONCE: Final = 20  # notices a round, so that a crawl never ends in a long wait
_SHORTEST_SECRET: Final = 4  # characters; shorter parts of an address are words of any sentence


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A notice that has not reached its address, though it was tried."""

    alarm: str
    event: str
    address: str
    since: datetime
    attempts: int
    error: str | None


def targets_of(addresses: Sequence[SecretStr]) -> dict[str, SecretStr]:
    """Return the addresses by a digest that may be stored."""
    return {
        hashlib.sha256(one.get_secret_value().encode()).hexdigest()[:12]: one for one in addresses
    }


def check_addresses(addresses: Sequence[SecretStr]) -> None:
    """Check that Apprise understands each address; nothing is sent.

    Raises:
        ConfigError: one is not an address; the message tells which, not what it is.
    """
    for position, address in enumerate(addresses, 1):
        _plugin(address, position)


def deliver(ledger: Ledger, addresses: Sequence[SecretStr], now: datetime) -> int:
    """Send what is due; what fails is due again after 1 min, then twice as long, at most 1 h.

    Each notice is claimed first, so that of several processes one sends it. A process that dies
    between sending and writing that down sends it again: told twice rather than never.

    Returns:
        How many were delivered.
    """
    targets = targets_of(addresses)
    due = (
        select(notices)
        .where(notices.c.delivered.is_(None), notices.c.next_attempt <= now)
        .where(notices.c.target.in_(list(targets)))
        .order_by(notices.c.created, notices.c.event.desc())
        .limit(_AT_ONCE)
    )
    with ledger.reading() as connection:
        rows = connection.execute(due).all() if targets else []
    done = 0
    for row in rows:
        if _claim(ledger, row, now):
            error = send(targets[row.target], *_parts(row.text))
            _settle(ledger, row, error, now)
            done += error is None
    return done


def undelivered(ledger: Ledger, addresses: Sequence[SecretStr]) -> list[Undelivered]:
    """Notices that were tried and have not arrived, oldest first."""
    names = {target: _name(address) for target, address in targets_of(addresses).items()}
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
    """Send one message now.

    Returns:
        None if the service took it, else what went wrong, without secrets.
    """
    import apprise

    _keep_quiet()
    try:
        service = apprise.Apprise()
        service.add(_plugin(address, 1))
        with apprise.LogCapture(  # type: ignore[no-untyped-call]
            level=logging.WARNING, fmt="%(message)s"
        ) as log:
            taken = bool(service.notify(body=body, title=title))
            said = log.getvalue().strip().splitlines()
    except ConfigError:
        return "it is not an address that Apprise knows"
    except Exception as error:  # noqa: BLE001 - a plugin's bug must not end the crawl
        said, taken = [type(error).__name__], False
    if taken:
        return None
    return _without_secrets(said[-1] if said else "the service did not take it", address)


def _parts(text: str) -> tuple[str, str]:
    title, _, body = text.partition("\n")
    return title, body or title


def _claim(ledger: Ledger, row: Any, now: datetime) -> bool:
    with ledger.transaction() as connection:
        claimed = connection.execute(
            _this(row)
            .where(notices.c.attempts == row.attempts, notices.c.delivered.is_(None))
            .values(attempts=row.attempts + 1, next_attempt=now + _CLAIM)
        )
    return bool(claimed.rowcount == 1)


def _settle(ledger: Ledger, row: Any, error: str | None, now: datetime) -> None:
    wait = min(_FIRST_WAIT * 2**row.attempts, _LONGEST_WAIT)
    values = {"delivered": now} if error is None else {"next_attempt": now + wait, "error": error}
    with ledger.transaction() as connection:
        connection.execute(_this(row).values(**values))
    if error is not None:
        logger.warning(
            "alarm %s was not delivered (%s); it is tried again in %s", row.alarm, error, wait
        )


def _this(row: Any) -> Any:
    return update(notices).where(
        notices.c.alarm == row.alarm,
        notices.c.event == row.event,
        notices.c.target == row.target,
    )


def _plugin(address: SecretStr, position: int) -> Any:
    import apprise

    found = apprise.Apprise.instantiate(address.get_secret_value(), suppress_exceptions=True)
    if found is None:
        raise ConfigError(
            f"NEWSBOT_NOTIFY: address {position} is none that Apprise knows; write it as "
            "mailto://…, slack://…, json://… (github.com/caronc/apprise lists them)"
        )
    return found


def _keep_quiet() -> None:
    """What these two log of a delivery has the address in it; we say ourselves how it went."""
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _name(address: SecretStr) -> str:
    """Return the kind of service and its host: what may be shown."""
    parts = urlsplit(address.get_secret_value())
    return f"{parts.scheme}://…"


def _without_secrets(text: str, address: SecretStr) -> str:
    """Return the text with every part of the address but its scheme blotted out."""
    whole = address.get_secret_value()
    rest = whole.partition("://")[2]
    parts = {whole, *rest.replace("@", "/").replace(":", "/").replace("?", "/").split("/")}
    parts |= {unquote(part) for part in parts}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_SECRET:
            text = text.replace(part, "…")
    return text


_SECONDS: Final = 10.0


_TRIES: Final = 3


def ping(address: SecretStr, site: str) -> Verdict:
    """Ask the address (GET), with ``{site}`` replaced; tries three times.

    Returns:
        The verdict on the address, whose text never has it: it is a secret.
    """
    url = address.get_secret_value().replace("{site}", quote(site, safe=""))
    error = ""
    for _ in range(_TRIES):
        error = _asked(url)
        if not error:
            return right(Kind.ping, INSTALLATION)
    return wrong(Kind.ping, INSTALLATION, f"NEWSBOT_PING, asked after a crawl of {site}: {error}")


def _asked(url: str) -> str:
    """Ask once; what went wrong, or nothing."""
    request = Request(url, headers={"User-Agent": f"newsbot/{__version__}"})  # noqa: S310 - checked
    try:
        with urlopen(request, timeout=_SECONDS):  # noqa: S310
            return ""
    except HTTPError as error:
        with error:
            return f"it answered {error.code}"
    except (OSError, HTTPException) as error:
        return f"it does not answer ({type(error).__name__})"
