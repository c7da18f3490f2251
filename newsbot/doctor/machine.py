"""The doctor's checks of this installation: configuration, folders, ledger, store, clock."""

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
from newsbot.capture import chromium
from newsbot.config import Config, unknown_variables
from newsbot.doctor.check import Check, CheckVerdict
from newsbot.errors import ConfigError, NewsbotError
from newsbot.ledger import Ledger
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site
from newsbot.stores.folder import FolderStore
from newsbot.stores.opening import check_store
from newsbot.stores.store import Store

_NOT_YET = ": does not exist yet; the first crawl creates it"
MAX_SKEW = 120.0  # seconds; S3 itself refuses requests from 15 minutes on


def check_configuration(config: Config) -> Iterator[Check]:
    """Yield checks of the configuration file, the contact, the notified addresses, the folders."""
    yield Check("configuration", "good", config.installation.describe())
    if unknown := unknown_variables():
        text = f"{', '.join(unknown)}: no such setting; `newsbot config` lists those there are"
        yield Check("variables", "note", text)
    if config.contact:
        yield Check("contact", "good", config.contact)
    else:
        yield Check(
            "contact", "wrong",
            "NEWSBOT_CONTACT is not set: sites cannot see who crawls them; set it to your address "
            "or to a page about your crawl",
        )  # fmt: skip
    yield _check_notify(config)
    yield check_writable("state folder", config.state_folder)


def _check_notify(config: Config) -> Check:
    if not config.notify:
        return Check(
            "notify",
            "note",
            "NEWSBOT_NOTIFY is not set: alarms are logged and nobody is notified",
        )
    try:
        check_addresses(config.notify)
    except ConfigError as error:
        return Check("notify", "wrong", str(error))
    return Check("notify", "good", f"{len(config.notify)} addresses")


def check_writable(name: str, folder: Path) -> Check:
    """Check that the folder can be written to, or created; it is not created."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
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
    """Yield checks of the ledger: open alarms, undelivered notices, the spool and the disks."""
    now = datetime.now(UTC)
    yield Check("ledger", "good", "can be opened, and its schema is up to date")
    for alarm in open_alarms(ledger):
        since = f"since {alarm.opened:%Y-%m-%d %H:%M} UTC"
        text = f"{alarm.kind.meaning} ({since}): {alarm.message}"
        yield Check(f"alarm {alarm.kind}", "wrong", text, site=alarm.site or None)
    waiting = undelivered(ledger, config.notify)
    if waiting:
        lines = tuple(f"{notice.alarm} to {notice.address}: {notice.error}" for notice in waiting)
        text = f"{len(waiting)} could not be delivered; they are retried: see NEWSBOT_NOTIFY"
        yield Check("notices", "wrong", text, lines)
    yield _check_of("spool", judge_spool(waiting_runs(config.spool_folder), now))
    yield _check_of("disk", judge_disks(disks(ledger, config, now)))


def _check_of(name: str, verdict: Verdict | None) -> Check:
    """Return an alarm's verdict as a check of the doctor."""
    if verdict is not None and verdict.is_wrong:
        return Check(name, "wrong", verdict.message)
    return Check(name, "good", "in order")


def check_store_now(store: Store) -> Iterator[Check]:
    """Yield checks that the store can be reached, read and written; it is not created."""
    if isinstance(store, FolderStore) and not Path(store.url).exists():
        yield check_writable("store", Path(store.url))
        return
    store.reach(write=True)
    check_store(store, write=False)
    yield Check("store", "good", f"{store.url} can be read and written")
    yield check_clock(store.clock(), "the store")


def check_seeds(folder: Path, loaded: list[Site]) -> Iterator[Check]:
    """Yield a check for each seed that does not load; add the others' sites to ``loaded``."""
    paths = sorted(path for path in folder.glob("*.toml") if path.stem != "TEMPLATE")
    if not paths:
        text = f"{folder} has no seeds; set NEWSBOT_SEEDS to the folder that has them"
        yield Check("seeds", "wrong", text)
    for path in paths:
        try:
            loaded.append(load_site(path))
        except NewsbotError as error:
            yield Check("seed", "wrong", str(error), site=path.stem)


def check_browser(config: Config, sites: Iterable[Site]) -> Iterator[Check]:
    """Yield a check of the browser for each site whose seed lets pages be rendered."""
    for site in sites:
        if site.renders("always", "auto"):
            program = chromium.find_browser(config.chromium)
            if program is None:
                verdict: CheckVerdict = "wrong" if site.renders("always") else "note"
                yield Check(
                    "browser", verdict, chromium.missing_browser_message(site.name), site=site.name
                )
            else:
                yield Check("browser", "good", str(program), site=site.name)


def check_clock(other: datetime, whose: str) -> Check:
    """Check this machine's clock against another one, which showed ``other`` (aware) just now."""
    skew = abs((datetime.now(UTC) - other).total_seconds())
    if skew <= MAX_SKEW:
        return Check("clock", "good", f"{skew:.0f} s from that of {whose}")
    return Check(
        "clock", "wrong",
        f"{skew:.0f} s from that of {whose}: crawled pages get wrong dates, and S3 refuses "
        "requests; synchronise this machine's clock by NTP",
    )  # fmt: skip
