"""Hosts of trackers and advertisers, whose files change nothing in how a page looks.

They are asked for nothing; a seed may name more (``archive.skip_hosts``).
"""

from collections.abc import Iterable
from typing import Final

TRACKERS: Final = frozenset((
    "2mdn.net", "adform.net", "adnxs.com", "adobedtm.com", "adroll.com", "adsafeprotected.com",
    "adsrvr.org", "alexametrics.com", "amazon-adsystem.com", "amplitude.com",
    "analytics.google.com", "appsflyer.com", "bidswitch.net", "bat.bing.com", "bluekai.com",
    "casalemedia.com", "chartbeat.com", "chartbeat.net", "clarity.ms", "clevertap.com",
    "clicky.com", "cloudflareinsights.com", "comscore.com", "connatix.com",
    "connect.facebook.net", "crazyegg.com", "criteo.com", "criteo.net", "crwdcntrl.net",
    "demdex.net", "doubleclick.net", "doubleverify.com", "everesttech.net", "exelator.com",
    "flashtalking.com", "fullstory.com", "getclicky.com", "google-analytics.com",
    "googleadservices.com", "googlesyndication.com", "googletagmanager.com",
    "googletagservices.com", "gumgum.com", "heapanalytics.com", "histats.com", "hotjar.com",
    "imrworldwide.com", "indexww.com", "innity.com", "innity.net", "kissmetrics.com",
    "krxd.net", "px.ads.linkedin.com", "snap.licdn.com", "matheranalytics.com", "mathtag.com",
    "mgid.com", "mixpanel.com", "moatads.com", "mookie1.com", "mouseflow.com", "newrelic.com",
    "nr-data.net", "omtrdc.net", "onesignal.com", "openx.net", "outbrain.com",
    "outbrainimg.com", "parsely.com", "permutive.com", "pixel.facebook.com", "pubmatic.com",
    "pushengage.com", "quantcast.com", "quantserve.com", "revcontent.com", "rlcdn.com",
    "rubiconproject.com", "scorecardresearch.com", "segment.com", "segment.io",
    "serving-sys.com", "sharethis.com", "sharethrough.com", "simpli.fi", "smartadserver.com",
    "statcounter.com", "stats.wp.com", "pixel.wp.com", "taboola.com", "tapad.com", "teads.tv",
    "tiqcdn.com", "tremorhub.com", "tribalfusion.com", "turn.com", "webtrends.com",
    "yieldmo.com", "zedo.com", ".", ".",
))  # fmt: skip


def is_tracker(host: str, more: Iterable[str] = ()) -> bool:
    """Return whether the host, or a domain above it, is known as a tracker's or is named."""
    labels = host.split(".")
    domains = {".".join(labels[start:]) for start in range(len(labels))}
    return not domains.isdisjoint(TRACKERS) or not domains.isdisjoint(more)
