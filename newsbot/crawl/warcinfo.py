"""The description of a run: in the warcinfo record, in ``run.json`` and in the manifest.

Settings are taken by allow-list, so no secret can get in.
"""

import json
import platform
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsbot._version import __version__
from newsbot.config import Config
from newsbot.crawl.options import Options
from newsbot.extract import EXTRACTOR
from newsbot.sites.site import Site
from newsbot.warc.records import timestamp

_SETTINGS = (
    "USER_AGENT", "ROBOTSTXT_OBEY", "DOWNLOAD_DELAY", "CONCURRENT_REQUESTS",
    "CONCURRENT_REQUESTS_PER_DOMAIN", "AUTOTHROTTLE_ENABLED", "DOWNLOAD_TIMEOUT", "RETRY_TIMES",
    "DOWNLOAD_MAXSIZE", "DOWNLOAD_VERIFY_CERTIFICATES", "COOKIES_ENABLED",
    "PRIVATE_ADDRESSES",
)  # fmt: skip


def warcinfo(config: Config, run: str, site: Site) -> dict[str, str]:
    """Return the fields of the ``warcinfo`` record (WARC 1.1, section 6.2)."""
    fields = {
        "software": f"newsbot/{__version__} ({platform.python_implementation()} "
        f"{platform.python_version()})",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/"
        "warc-1.1/",
        "robots": "obey",
        "isPartOf": run,
        "seed": f"{site.name} sha256:{site.seed_sha256}",
        "description": f"newsbot crawl of {site.title} ({site.name})",
    }
    if config.contact:
        fields["operator"] = config.contact
    if config.synthetic:
        fields["synthetic"] = "true"
    return fields


def run_resources(record: Mapping[str, Any]) -> list[tuple[str, str, bytes]]:
    """Return name, media type and bytes of the run's seed and settings, as resources."""
    settings = {"arguments": record["arguments"], "settings": record["settings"]}
    return [
        ("seed", "application/toml", record["seed"]["text"].encode()),
        ("settings", "application/json", json.dumps(settings, indent=2).encode() + b"\n"),
    ]


def run_record(
    run: str,
    prefix: str,
    site: Site,
    started: datetime,
    options: Options,
    settings: Mapping[str, Any],
    *,
    synthetic: bool = False,
) -> dict[str, Any]:
    """Return the content of ``run.json``: enough to finish the run without its process.

    Args:
        synthetic: the crawled site is invented, and the run is marked so.
    """
    return {
        "run": run,
        "site": site.name,
        "started": timestamp(started),
        "prefix": prefix,
        "tool": {"name": "newsbot", "version": __version__, "extractor": EXTRACTOR},
        "rules": site.rules_digest,
        "seed": {"text": site.seed_text, "sha256": site.seed_sha256},
        "arguments": options.arguments,
        "settings": {name: settings[name] for name in _SETTINGS if name in settings},
        "synthetic": synthetic,
    }
