"""``newsbot doctor --store``: what a store can do, and which options it needs."""

import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from newsbot.config import Config
from newsbot.doctor.check import Check
from newsbot.doctor.machine import check_writable
from newsbot.doctor.store_trial import StoreTrial
from newsbot.errors import NewsbotError, StoreError
from newsbot.stores.s3advice import worth_trying
from newsbot.stores.s3options import S3Options, Setting, as_toml, as_variable

_MOST_TRIALS: Final = 40  # sets of options; most of them fail at the first request


def examine_store(config: Config) -> Iterator[Check]:
    """Yield checks of the configured store; where one fails, also the options that it needs.

    The options are found by trial. A store is said to work with some only after all steps
    succeeded with them.
    """
    url = config.store_url
    if "://" not in url:
        yield from _examine_folder(config, Path(url))
        return
    trial = StoreTrial(url, config.s3)
    yield from trial.checks()
    if trial.error is not None and _is_curable(trial.error, config.s3):
        yield _advise(config, trial.error)


def _examine_folder(config: Config, folder: Path) -> Iterator[Check]:
    if not folder.exists():
        yield check_writable("store", folder)
        return
    yield from StoreTrial(str(folder), config.s3).checks()
    yield _check_space(folder, int(config.spool_reserve))
    yield _check_case(folder)


def _check_space(folder: Path, reserve: int) -> Check:
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB are free"
    if free < reserve:
        return Check("space", "wrong", f"{text}: make room, or choose another NEWSBOT_STORE")
    return Check("space", "good", text)


def _check_case(folder: Path) -> Check:
    """Check whether the file system tells upper from lower case, by the folder's own name."""
    swapped = folder.with_name(folder.name.swapcase())
    if swapped.name != folder.name and swapped.exists() and swapped.samefile(folder):
        return Check(
            "case", "note",
            "the file system does not tell upper from lower case: newsbot's names never differ by "
            "it alone, but files of other origin may",
        )  # fmt: skip
    return Check("case", "good", "upper and lower case are told apart")


def _is_curable(error: StoreError, options: S3Options) -> bool:
    return bool(error.settings or worth_trying(error.__cause__, options))


def _advise(config: Config, error: StoreError) -> Check:
    found = find_options(config.store_url, config.s3, error)
    if found is None:
        return Check(
            "options", "wrong",
            f"no options of newsbot's make this store usable ({_MOST_TRIALS} sets at most are "
            "tried): see the message above, and docs/s3.md",
        )  # fmt: skip
    variables = " ".join(as_variable(setting) for setting in found)
    file = config.installation.file or config.installation.folder / "newsbot.toml"
    return Check(
        "options", "wrong",
        f"not configured; everything works with {variables} in the environment, or with these "
        f"lines at the top of {file}:",
        tuple(as_toml(setting) for setting in found),
    )  # fmt: skip


def find_options(url: str, options: S3Options, error: StoreError) -> tuple[Setting, ...] | None:
    """Return the fewest settings with which every step succeeds, or None.

    What an error names is tried, alone and with what the next error names; where it names nothing,
    all settings are, and only one that changed the store's answer is built upon.

    Args:
        options: those with which a step failed.
        error: the step's; it says what to try first.
    """
    waiting: deque[tuple[tuple[Setting, ...], StoreError]] = deque([((), error)])
    tried = {options}
    while waiting:
        changes, last = waiting.popleft()
        now = _with(options, changes)
        for setting in last.settings or worth_trying(last.__cause__, now):
            more = (*changes, setting)
            candidate = _with(options, more)
            if candidate in tried or len(tried) > _MOST_TRIALS:
                continue
            tried.add(candidate)
            failure = _failure(url, candidate)
            if failure is None:
                return more
            if last.settings or _answer(failure) != _answer(last):
                waiting.append((more, failure))
    return None


def _answer(error: StoreError) -> object:
    """Return what the store said, whatever it was asked."""
    cause = error.__cause__
    return cause.response.get("Error") if isinstance(cause, ClientError) else str(error)


def _with(options: S3Options, changes: tuple[Setting, ...]) -> S3Options:
    values: dict[str, Any] = dict(changes)
    return replace(options, **values)


def _failure(url: str, options: S3Options) -> StoreError | None:
    """Return what a trial with the options ended with; None if all went well."""
    try:
        trial = StoreTrial(url, options)
    except NewsbotError as error:  # boto3 refuses the combination
        return StoreError(str(error))
    for _ in trial.checks():
        pass
    return trial.error
