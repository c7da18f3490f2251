"""Logs: text for people or JSON lines for machines; secrets are taken out of both."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

_USERINFO = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")  # of an address with a password
_HEADER = re.compile(r"(?i)((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redactor:
    """Takes passwords, tokens and known secrets out of a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """``secrets``: values that must not be seen; the longest goes first."""
        found = sorted({re.escape(one) for one in secrets if one}, key=len, reverse=True)
        self._known = re.compile("|".join(found)) if found else None

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        text = _HEADER.sub(r"\1\2***", _USERINFO.sub("***", text))
        return text if self._known is None else self._known.sub("***", text)


class TextFormatter(logging.Formatter):
    """A line for people."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(_TEXT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, redacted."""
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """A JSON object on a line: time, level, logger, message, and run, site, error where there are.

    Times are UTC.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, redacted."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
        }
        for name in ("site", "run"):
            if hasattr(record, name):
                fields[name] = getattr(record, name)
        if record.exc_info:
            fields["error"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def formatter(kind: str, secrets: Iterable[str]) -> logging.Formatter:
    """Return the formatter for NEWSBOT_LOG_FORMAT: ``text`` or ``json``."""
    redact = Redactor(secrets)
    return JsonFormatter(redact) if kind == "json" else TextFormatter(redact)


def format_logs(kind: str, secrets: Iterable[str]) -> None:
    """Give the handlers that somebody else set up (Scrapy) our formatter."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setFormatter(formatter(kind, secrets))


def log_to_stderr(kind: str, secrets: Iterable[str]) -> None:
    """Set logging up for a process of newsbot's own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(kind, secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
