"""Checks snapshots without trusting their maker: files, records, references, chains, packages."""

from newsbot.archive.verify.run import verify_run
from newsbot.archive.verify.runs import RunVerdict, verify_runs
from newsbot.archive.verify.single import verify_file

__all__ = ["RunVerdict", "verify_file", "verify_run", "verify_runs"]
