"""The errors newsbot raises on purpose; each message says what, where and what to do."""


class NewsbotError(Exception):
    """Base of every error that newsbot shows to its user as one line."""


class ConfigError(NewsbotError):
    """A seed, setting, argument or environment variable cannot be used (exit status 2)."""


class StoreError(NewsbotError):
    """The store could not be read or written; what was to be stored is still where it was."""


class StoreUnavailable(StoreError):
    """The store did not answer, or asked to be left alone for a while; worth another try."""


class ObjectMissing(StoreError):
    """The store has no object of that name."""


class ObjectExists(StoreError):
    """A create-only write found an object of that name already there."""


class FixityError(StoreError):
    """Stored bytes differ from what their size or checksum says."""


class CaptureError(NewsbotError):
    """An exchange could not be written to the spool (a full disk, a lost folder)."""


class ExtractionFailed(NewsbotError):
    """A page could not be read: it is kept as it came, and read by the next crawl."""


class WorkersFailed(NewsbotError):
    """No process that extracts pages can be started."""


class AddressRefused(NewsbotError):
    """A page, redirect or link led to an address that a crawl may not reach."""


class BrowserError(NewsbotError):
    """The browser could not be started, or ended while it showed a page."""


class SpoolFull(CaptureError):
    """The spool is as large as it may be, or its disk as full; what was fetched is kept."""


class LedgerError(NewsbotError):
    """The ledger cannot be opened, is of a newer version, or refused a write."""


class LockHeld(NewsbotError):
    """Another crawl of the site is running (exit status 75)."""


class LockLost(NewsbotError):
    """The site's lock is no longer ours: the connection that held it broke (exit status 4)."""
