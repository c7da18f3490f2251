"""Alarms: rules judge the ledger's records; an alarm opens once, is sent out, and closes itself."""

from newsbot.alarms.check import check_installation, check_site, report, send_heartbeat
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
    "report",
    "right",
    "send_heartbeat",
    "undelivered",
    "wrong",
]
