"""``newsbot doctor``: checks this machine, each site and the store now."""

from newsbot.doctor.examination import Check, examine

__all__ = ["Check", "examine"]
