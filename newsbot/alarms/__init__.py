"""Alarms: rules judge what the ledger knows, each alarm opens once, is told, and closes itself."""

from newsbot.alarms.check import check_installation, check_site, ping_if_asked, report
from newsbot.alarms.delivery import undelivered
from newsbot.alarms.state import Alarm, Changes, open_alarms
from newsbot.alarms.verdict import Kind, Verdict, right, wrong

__all__ = [
    "Alarm",
    "Changes",
    "Kind",
    "Verdict",
    "check_installation",
    "check_site",
    "open_alarms",
    "ping_if_asked",
    "report",
    "right",
    "undelivered",
    "wrong",
]
