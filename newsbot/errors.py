"""The errors that newsbot raises on purpose; each message says what, where and what to do."""


class NewsbotError(Exception):
    """Base of every error that newsbot shows to its user as one line."""


class ConfigError(NewsbotError):
    """A seed, setting, argument or environment variable cannot be used (exit status 2)."""


class StoreError(NewsbotError):
    """The store could not be read or written; nothing is lost: its source is untouched.

    ``settings`` are options of the store, as name and value, each of which may be what it needs.
    """

    def __init__(self, message: str = "", settings: tuple[tuple[str, object], ...] = ()) -> None:
        super().__init__(message)
        self.settings = settings


class StoreUnavailable(StoreError):
    """The store did not answer, or refused requests for a while; the operation can be retried."""


class ObjectMissing(StoreError):
    """The store has no object of that name."""


class ObjectExists(StoreError):
    """A create-only write found that an object of that name exists already."""


class FixityError(StoreError):
    """Stored bytes do not have the size or checksum that was recorded for them."""


class DamagedGzip(FixityError):
    """A file does not consist of whole gzip members."""


class CaptureError(NewsbotError):
    """An exchange could not be written to the spool (a full disk, a lost folder)."""


class ExtractionFailed(NewsbotError):
    """A page could not be extracted: it is archived, and the next crawl extracts it."""


class WorkersFailed(NewsbotError):
    """No process for extracting pages can be started."""


class AddressRefused(NewsbotError):
    """A page, redirect or link led to an address that a crawl may not reach."""


class RequestRefused(NewsbotError):
    """A request was not made, or its redirect not followed; the message is the reason, one word."""


class CrawlStopped(NewsbotError):
    """A request was given up because its crawl is stopped; the next crawl makes it."""


class BrowserError(NewsbotError):
    """The browser could not be started, or ended while it rendered a page."""


class SpoolFull(CaptureError):
    """The spool has reached its limit, or its disk is nearly full; what was fetched is kept."""


class LedgerError(NewsbotError):
    """The ledger cannot be opened, is of a newer version, or refused a write."""


class LockHeld(NewsbotError):
    """Another crawl of the site is running (exit status 75)."""


class LockLost(NewsbotError):
    """The site's lock was lost: the connection that held it broke (exit status 4)."""
