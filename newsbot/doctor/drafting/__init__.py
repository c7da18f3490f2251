"""``newsbot sites new``: a seed drafted from a site's home page."""

from newsbot.doctor.drafting.drafting import draft_site
from newsbot.doctor.drafting.visit import NoDraft

__all__ = ["NoDraft", "draft_site"]
