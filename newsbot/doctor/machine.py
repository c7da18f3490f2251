"""The doctor's look at this installation: configuration, folders, ledger, store, clock."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from newsbot.alarms.delivery import check_addresses, undelivered
from newsbot.alarms.inputs import disks, waiting_runs
from newsbot.alarms.state import open_alarms
from newsbot.alarms.storage import judge_disks, judge_spool
from newsbot.alarms.verdict import Verdict
from newsbot.config import Config
from newsbot.doctor.check import Check
from newsbot.doctor.check import Verdict as Judged
from newsbot.errors import ConfigError, NewsbotError
from newsbot.ledger import Ledger
from newsbot.sites.site import Site, load_site
from newsbot.stores.folder import FolderStore
from newsbot.stores.opening import check_store
from newsbot.stores.store import Store

_NOT_YET = ": not there yet; the first crawl makes it"
MOST_SKEW = 120.0  # seconds; S3 itself refuses requests from 15 minutes on


def check_configuration(config: Config) -> Iterator[Check]:
    """Yield the file in force, contact, addresses of alarms, folders."""
    yield Check("configuration", "good", config.installation.describe())
    if config.contact:
        yield Check("contact", "good", config.contact)
    else:
        yield Check(
            "contact", "wrong",
            "NEWSBOT_CONTACT is not set: sites cannot tell who crawls them; set it to your address "
            "or a page about your crawl",
        )  # fmt: skip
    yield _notify(config)
    yield check_writable("state folder", config.state_folder)


def _notify(config: Config) -> Check:
    if not config.notify:
        return Check(
            "notify",
            "note",
            "NEWSBOT_NOTIFY is not set: alarms are logged and sent nowhere",
        )
    try:
        check_addresses(config.notify)
    except ConfigError as error:
        return Check("notify", "wrong", str(error))
    return Check("notify", "good", f"{len(config.notify)} addresses")


def check_writable(name: str, folder: Path) -> Check:
    """Check that the folder can be written, or made; none is made."""
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Check(
            name, "wrong", f"{existing}: {error.strerror}: newsbot must be able to write there"
        )
    return Check(name, "good", str(folder) + ("" if folder.exists() else _NOT_YET))


def check_ledger(config: Config, ledger: Ledger) -> Iterator[Check]:
    """What the ledger and the disks tell: alarms that are open, notices not delivered, room."""
    now = datetime.now(UTC)
    yield Check("ledger", "good", "opens, and is of this version")
    for alarm in open_alarms(ledger):
        since = f"since {alarm.opened:%Y-%m-%d %H:%M} UTC"
        text = f"{alarm.kind.meaning} ({since}): {alarm.message}"
        yield Check(f"alarm {alarm.kind}", "wrong", text, site=alarm.site or None)
    waiting = undelivered(ledger, config.notify)
    if waiting:
        lines = tuple(f"{one.alarm} to {one.address}: {one.error}" for one in waiting)
        yield Check("notices", "wrong", f"{len(waiting)} could not be delivered", lines)
    yield _judged("spool", judge_spool(waiting_runs(config.spool_folder), now))
    yield _judged("disk", judge_disks(disks(ledger, config, now)))


def _judged(name: str, verdict: Verdict | None) -> Check:
    if verdict is not None and verdict.is_wrong:
        return Check(name, "wrong", verdict.message)
    return Check(name, "good", "in order")


def check_store_now(store: Store) -> Iterator[Check]:
    """Yield the store is reached, read and written as a crawl would; none is made."""
    if isinstance(store, FolderStore) and not Path(store.url).exists():
        yield check_writable("store", Path(store.url))
        return
    store.reach(write=True)
    check_store(store, write=False)
    yield Check("store", "good", f"{store.url} can be read and written")
    yield check_clock(store.clock(), "the store")


def check_seeds(folder: Path, loaded: list[Site]) -> Iterator[Check]:
    """Yield every seed of the folder loads; those that do are added to ``loaded``."""
    paths = sorted(path for path in folder.glob("*.toml") if path.stem != "TEMPLATE")
    if not paths:
        yield Check("seeds", "wrong", f"{folder} has no seeds; set NEWSBOT_SEEDS")
    for path in paths:
        try:
            loaded.append(load_site(path))
        except NewsbotError as error:
            yield Check("seed", "wrong", str(error), site=path.stem)


def check_browser(config: Config, sites: Iterable[Site]) -> Iterator[Check]:
    """Yield where a seed has pages rendered, there is a browser to do it."""
    from newsbot.capture import chromium

    for site in sites:
        if site.renders("always", "auto"):
            program = chromium.find(config.chromium)
            if program is None:
                verdict: Judged = "wrong" if site.renders("always") else "note"
                yield Check("browser", verdict, chromium.missing(site.name), site=site.name)
            else:
                yield Check("browser", "good", str(program), site=site.name)


def check_clock(there: datetime, whose: str) -> Check:
    """This machine's clock against another's."""
    skew = abs((datetime.now(UTC) - there).total_seconds())
    if skew <= MOST_SKEW:
        return Check("clock", "good", f"{skew:.0f} s from that of {whose}")
    return Check(
        "clock", "wrong",
        f"{skew:.0f} s from that of {whose}: what is crawled gets wrong dates, and S3 refuses "
        "requests; let this machine keep time by NTP",
    )  # fmt: skip
