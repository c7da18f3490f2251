"""newsbot: crawls ANTARA and those who re-publish it into dated, checkable snapshots."""

__version__ = "0.1.0"
