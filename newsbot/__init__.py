"""newsbot: crawls ANTARA and the sites that re-publish its stories into dated, checkable snapshots."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("newsbot")
except PackageNotFoundError:  # a checkout on sys.path that was never installed
    __version__ = "0+checkout"
