"""Scrapy's settings, each with its reason. Seeds and ``-s NAME=VALUE`` win over these."""

import sys
from pathlib import Path

from scrapy.settings import default_settings

from newsbot._version import __version__
from newsbot.errors import ConfigError
from newsbot.project import find_installation

# Scrapy appends the project's root to sys.path; a foreign package named ``pipelines`` would win.
try:
    _root = str(find_installation().project or Path(__file__).resolve().parent.parent)
except ConfigError:  # the crawl command reports it
    _root = str(Path(__file__).resolve().parent.parent)
if _root in sys.path:
    sys.path.remove(_root)
sys.path.insert(0, _root)

BOT_NAME = "newsbot"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "newsbot.crawl.commands"  # our crawl: run record, landing and exit status

# Playwright and our own coroutines need asyncio.
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
REMOTE_CONTROL_ENABLED = False  # an unattended machine opens no port
TELNETCONSOLE_ENABLED = False

# Politeness. Delay, concurrency, time-out and retries come from the seed (Site.politeness).
USER_AGENT = f"newsbot/{__version__}"  # the crawl command adds the operator's contact
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False  # a news archive needs no session, and cookies would mark us
REFERER_ENABLED = True
DEFAULT_REQUEST_HEADERS = {
    **default_settings.DEFAULT_REQUEST_HEADERS,
    "Accept-Encoding": "gzip, deflate, br",  # not zstd: pywb and warcio cannot read it
}
PRIVATE_ADDRESSES = False  # newsbot/capture/guard.py; NEWSBOT_PRIVATE_ADDRESSES sets it

DOWNLOADER_MIDDLEWARES = {
    # First, so that the crawl log has its reason.
    "newsbot.crawl.middlewares.address_guard.AddressGuardMiddleware": 10,
    # RFC 9309, 2.3.1.4: a robots.txt that answers 5xx or nothing means disallow; Scrapy's allows.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newsbot.crawl.middlewares.robotstxt.StrictRobotsMiddleware": 100,
    # Below redirects (600): each hop is requested with its own validators, or none.
    "newsbot.crawl.middlewares.conditional.ConditionalMiddleware": 650,
    # Below redirects too: each hop gets the seed's headers by its own host.
    "newsbot.crawl.middlewares.own_headers.OwnHeadersMiddleware": 660,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "newsbot.crawl.middlewares.retry_after.RetryAfterMiddleware": 550,  # in its place
    # They drop pages without a word; the spider follows a refresh (spiders/pages.py).
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "newsbot.crawl.middlewares.redirects.RedirectsMiddleware": 600,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "newsbot.crawl.middlewares.httpcompression.CompressionMiddleware": 590,  # in its place
    # The crawl log has bytes and statuses already; a password is a header of the seed.
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    "newsbot.crawl.middlewares.accounts.AccountsMiddleware": 960,
    # Closest to the spider: its errors come first.
    "newsbot.crawl.middlewares.stop_on_error.StopOnFatalMiddleware": 950,
    # Each adds a generator around everything a callback yields; none of their data is used.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}
# Scrapy imports these two, with a web server and a shell (0.2 s), before it finds them disabled,
# even where EXTENSIONS says None.
_NO_EXTENSIONS = ("remote_control.RemoteControl", "telnet.TelnetConsole")
EXTENSIONS_BASE = {
    name: order
    for name, order in default_settings.EXTENSIONS_BASE.items()
    if not name.endswith(_NO_EXTENSIONS)
}
# Tasks that Scrapy starts for each response (100 by default: a third of all processor time). Ours
# yields one item, or requests, which are not awaited.
CONCURRENT_ITEMS = 1
# Article requests that Scrapy holds at once: one takes 1.6 KB, and a list may link to 20,000.
ARTICLE_BATCH = 500
# Bytes of fetched pages that may wait for extraction before fetching pauses: 60 pages of 84 KB.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 5_000_000
ITEM_PIPELINES = {
    "pipelines.normalise.NormalisePipeline": 100,
    "pipelines.dedupe.DedupePipeline": 200,
    "pipelines.archive.ArchivePipeline": 300,
}
DOWNLOADER = "newsbot.crawl.stopping.StoppableDownloader"  # a stopped crawl ends within seconds
DOWNLOAD_HANDLERS = {  # record every exchange as it was on the wire
    "http": "newsbot.capture.handler.RecordingHandler",
    "https": "newsbot.capture.handler.RecordingHandler",
}
CHROMIUM = None  # path of the browser; set by the crawl command where a seed needs one
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024  # bytes of a decoded page: only decompression bombs are larger
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]

REPORT_AS_JSON = False  # how `scrapy crawl saved` says what became of its pages

STATS_DUMP = False  # the summary, the manifest and the crawl log have them
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# An item is a whole article; only its URL is logged.
LOG_FORMATTER = "newsbot.crawl.run_log.QuietLogFormatter"
