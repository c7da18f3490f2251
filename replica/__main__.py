"""``python -m replica``: serves a synthetic world until a signal stops it."""

import argparse
import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from replica.dates import WIB
from replica.hosts import SITES
from replica.process import READY
from replica.server import Replica
from replica.world import NEWEST, World


def main() -> None:
    """Parse the arguments, make the world, and serve it."""
    arguments = _parser().parse_args()
    try:
        world = World(
            arguments.seed,
            arguments.articles,
            newest=arguments.newest,
            start=arguments.start,
            hosts=arguments.hosts,
            template=arguments.template,
            page_bytes=arguments.page_bytes,
        )
    except ValueError as error:
        print(f"replica: {error}", file=sys.stderr)
        sys.exit(2)
    if arguments.truth is not None:
        world.write_truth(arguments.truth)
    asyncio.run(
        _serve(
            Replica(
                world,
                arguments.port,
                latency=arguments.latency,
                assets=arguments.assets,
                ca=arguments.ca,
            ),
            arguments,
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m replica", description=__doc__)
    add = parser.add_argument
    add("--articles", type=int, default=300, help="stories on the first host; others have fewer")
    add("--seed", type=int, default=7, help="the same seed, the same stories")
    add("--port", type=int, default=0, help="0 chooses a free one")
    add("--truth", type=Path, help="write the ground truth to this file, as JSON Lines")
    add(
        "--template",
        choices=("T1", "T2", "T3"),
        help="use this one alone, for text articles",
    )
    add("--page-bytes", type=int, default=0, help="pad article pages to about this size: 84000")
    add("--latency", type=float, default=0.0, help="seconds before each response")
    add("--assets", action="store_true", help="give pages style sheets, fonts and real pictures")
    add("--hosts", type=_hosts, default=tuple(SITES), help=f"comma-separated, of {','.join(SITES)}")
    add("--newest", type=_time, default=NEWEST, help="time of the newest story: ISO 8601, or 'now'")
    add("--start", type=_time, help="time of the oldest story")
    add("--ca", type=Path, help="write the certificate authority to this file, PEM")
    add("--until-stdin-closes", action="store_true", help="end with the process that started it")
    return parser


async def _serve(replica: Replica, arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if arguments.until_stdin_closes:
        loop.add_reader(0, lambda: None if os.read(0, 4096) else stop.set())
    async with replica:
        print(f"{READY}{replica.proxy_url}", flush=True)
        await stop.wait()
        if arguments.until_stdin_closes:
            loop.remove_reader(0)


def _hosts(value: str) -> tuple[str, ...]:
    return tuple(host.strip() for host in value.split(",") if host.strip())


def _time(value: str) -> datetime:
    if value == "now":
        return datetime.now(WIB).replace(microsecond=0)
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=WIB)


if __name__ == "__main__":
    main()
