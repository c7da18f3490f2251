"""The dead-man ping: an address asked after each good crawl, so that silence is noticed there."""

from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from pydantic import SecretStr

from newsbot import __version__
from newsbot.alarms.kinds import Kind
from newsbot.alarms.verdict import HOUSE, Verdict, right, wrong

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
            return right(Kind.ping, HOUSE)
    return wrong(Kind.ping, HOUSE, f"NEWSBOT_PING, asked after a crawl of {site}: {error}")


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
