"""``newsbot doctor``: checks this machine, each site and the store now."""

from newsbot.doctor.examination import Check, examine
from newsbot.doctor.store_examination import examine_store

__all__ = ["Check", "examine", "examine_store"]
