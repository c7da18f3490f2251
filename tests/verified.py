"""What `newsbot verify` finds, without a process of its own."""

from pathlib import Path
from typing import Any

from newsbot.archive.chain import ChainHead, SiteChain
from newsbot.archive.verify import RunVerdict
from newsbot.archive.verify.checking import How, TrustedHeads, verify_target
from newsbot.archive.verify.target import Selection, target_of
from newsbot.stores.s3options import S3Options
from newsbot.warc.fault import Fault


def everything(
    target: str | Path | None,
    *heads: ChainHead,
    store: str = "nowhere",
    within: Selection = Selection(),  # noqa: B008 - frozen
    **how: Any,
) -> list[Fault | RunVerdict | SiteChain]:
    """All that the check of a target yields."""
    chosen = target_of(None if target is None else str(target), store, S3Options(), within)
    return list(verify_target(chosen, How(trusted=TrustedHeads(heads), **how)))


def found(target: str | Path | None, *heads: ChainHead, **how: Any) -> list[Fault]:
    """Its faults and remarks."""
    return [one for one in everything(target, *heads, **how) if isinstance(one, Fault)]


def faults(target: str | Path | None, *heads: ChainHead, **how: Any) -> list[str]:
    """Its faults as they are printed, without remarks."""
    return [str(one) for one in found(target, *heads, **how) if not one.is_remark]
