"""``newsbot doctor``: checks this machine and each site now."""

from newsbot.doctor.examination import Check, examine

__all__ = ["Check", "examine"]
