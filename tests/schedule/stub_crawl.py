"""A crawl that takes the real lock and writes real rows, but fetches nothing. Run by the tests.

Arguments: state folder, ledger URL, site, due (ISO 8601), journal, seconds, host. It appends a line
when it has the lock and one before it gives it up; killed, it leaves the first alone.
"""

import os
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

state, url, site, due, journal, seconds, host = sys.argv[1:8]
socket.gethostname = lambda: host

from newsbot.crawl.crawl import record_attempt  # noqa: E402
from newsbot.errors import LockHeld  # noqa: E402
from newsbot.landing.lock import SiteLock  # noqa: E402
from newsbot.layout import new_run_id  # noqa: E402 - the host's name is asked on import
from newsbot.ledger import Ledger  # noqa: E402
from newsbot.ledger.attempts import AttemptEnd, History  # noqa: E402


def say(what: str) -> None:
    """One whole line, in the order of the machine's steady clock."""
    line = f"{time.monotonic():.6f} {what} {site} {os.getpid()}\n".encode()
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line)
    os.close(file)


ledger = Ledger.open(url)
history = History(ledger)
try:
    with (
        record_attempt(ledger, site, partial=False),
        SiteLock(Path(state), site, url),
    ):
        say("begin")
        now = datetime.now(UTC)
        history.end_lost_runs(site, [], now)
        run = new_run_id(now)
        history.begin(run, site, now, partial=False, due=datetime.fromisoformat(due))
        time.sleep(float(seconds))  # what fetching takes
        history.end(run, AttemptEnd("finished", 0, datetime.now(UTC)), {})
        say("end")
except LockHeld:
    sys.exit(75)
