"""The form of log lines, text or JSON; secrets are masked in both."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

_USERINFO = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")  # user and password in a URL
_HEADER = re.compile(r"(?i)((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*)[^\r\n]+")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redactor:
    """Masks passwords, tokens and given secrets in a text."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Compile one pattern of the secrets, the longest first, as one may contain another."""
        escaped = sorted({re.escape(secret) for secret in secrets if secret}, key=len, reverse=True)
        self._secrets = re.compile("|".join(escaped)) if escaped else None

    def __call__(self, text: str) -> str:
        """Return the text with its secrets masked."""
        text = _HEADER.sub(r"\1\2***", _USERINFO.sub("***", text))
        return text if self._secrets is None else self._secrets.sub("***", text)


class TextFormatter(logging.Formatter):
    """Formats a record as a line of text."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(_TEXT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with secrets masked."""
        return self._redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """Formats a record as a line of JSON: time (UTC), level, logger and message.

    ``run``, ``site`` and ``error`` are added where the record has them.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with secrets masked."""
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
    """Set our formatter on the root logger's stream handlers, which Scrapy has set up."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setFormatter(formatter(kind, secrets))


def log_to_stderr(kind: str, secrets: Iterable[str]) -> None:
    """Configure logging to stderr for a process that Scrapy does not run."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(kind, secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
