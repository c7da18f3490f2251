"""``newsbot doctor``: runs all checks now, of this machine and of each site."""

from newsbot.doctor.examination import Check, examine

__all__ = ["Check", "examine"]
