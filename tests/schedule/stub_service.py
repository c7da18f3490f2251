"""``newsbot schedule`` with pretended crawls, in a process of its own. Run by the tests.

Arguments: seeds folder, state folder, ledger URL, journal, host.
"""

import asyncio
import random
import socket
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

seeds, state, url, journal, host = sys.argv[1:6]
socket.gethostname = lambda: host

from newsbot.config import load_config  # noqa: E402 - the host's name is asked on import
from newsbot.ledger import Ledger  # noqa: E402
from newsbot.logs import log_to_stderr  # noqa: E402
from newsbot.schedule.process import LocalProcesses  # noqa: E402
from newsbot.schedule.serve import run  # noqa: E402
from newsbot.sites.site import Site  # noqa: E402
from newsbot.sites.watched_folder import SeedFolder  # noqa: E402


class PretendedProcesses(LocalProcesses):
    """As the real ones, but for the command."""

    def command(self, site: Site, due: datetime, time_limit: float) -> Sequence[str]:
        """The pretended crawl."""
        stub = Path(__file__).with_name("stub_crawl.py")
        seconds = f"{random.uniform(0.1, 1.5):.2f}"
        return [sys.executable, str(stub), state, url, site.name, due.isoformat(), journal,
            seconds, host]  # fmt: skip


log_to_stderr("text", ())
config = load_config(state=state, seeds=seeds, crawls_at_once=2, metrics_port=0, stop_grace=5)
ledger = Ledger.open(url)
folder = SeedFolder(config.seeds_folder, config.state_folder / "seeds")
processes = PretendedProcesses(config, folder.copies_folder, {})
sys.exit(asyncio.run(run(config, ledger, folder, processes, once=False)))
