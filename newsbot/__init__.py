"""newsbot: crawls ANTARA and those who re-publish it into dated, checkable snapshots."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("newsbot")
except PackageNotFoundError:  # a checkout on sys.path that was never installed
    __version__ = "0+checkout"
