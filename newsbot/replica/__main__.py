"""``python -m newsbot.replica``: serves a synthetic world until it is told to stop."""

import argparse
import asyncio
import json
import signal
import tempfile
from datetime import datetime
from pathlib import Path

from newsbot.replica.server import Replica, tls_context
from newsbot.replica.site import ReplicaSite
from newsbot.replica.world import START, WIB, World


def main() -> None:
    """Parse the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m newsbot.replica", description=__doc__)
    parser.add_argument("--articles", type=int, default=300, help="stories of the main host")
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same stories")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--template", choices=("T1", "T2", "T3"), help="this template for all")
    parser.add_argument("--page-bytes", type=int, default=0, help="pad articles to this size")
    parser.add_argument(
        "--newest", type=datetime.fromisoformat, default=START, help="time of the newest story"
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--truth", type=Path, help="write the ground truth here, as JSON Lines")
    asked = parser.parse_args()
    world = World(asked.articles, asked.seed, asked.template, asked.newest.astimezone(WIB))
    if asked.truth is not None:
        lines = (json.dumps(truth, ensure_ascii=False) for truth in world.truth())
        asked.truth.write_text("\n".join(lines) + "\n", encoding="utf-8")
    site = ReplicaSite(world, asked.page_bytes)
    site.faults.latency = asked.latency
    with tempfile.TemporaryDirectory(prefix="newsbot-replica-") as folder:
        asyncio.run(_serve(site, asked.port, folder))


async def _serve(site: ReplicaSite, port: int, folder: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Replica(site, port, tls_context(folder)) as replica:
        print(f"replica listening on {replica.proxy_url}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    main()
