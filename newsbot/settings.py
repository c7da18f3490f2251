"""Scrapy's settings, each with its reason. Seeds and ``-s NAME=VALUE`` win over these."""

import sys
from pathlib import Path

from scrapy.settings import default_settings

from newsbot._version import __version__
from newsbot.config import checkout
from newsbot.errors import ConfigError

# Scrapy appends the project's root to sys.path; a foreign package named ``pipelines`` would win.
try:
    _root = str(checkout() or Path(__file__).resolve().parent.parent)
except ConfigError:  # the crawl command says what is wrong with it
    _root = str(Path(__file__).resolve().parent.parent)
if _root in sys.path:
    sys.path.remove(_root)
sys.path.insert(0, _root)

BOT_NAME = "newsbot"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "newsbot.crawl.commands"  # our crawl: run record, landing and exit status

# The lists we walk and the articles on them share an order; asyncio is what Playwright needs too.
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
REMOTE_CONTROL_ENABLED = False  # no port is opened on an unattended machine
TELNETCONSOLE_ENABLED = False

# Politeness. Delay, concurrency, time-out and retries come from the seed (Site.politeness).
USER_AGENT = f"newsbot/{__version__}"  # the crawl command adds the operator's contact
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False  # a news archive needs no session, and cookies would mark us
REFERER_ENABLED = True
PRIVATE_ADDRESSES = False  # newsbot/capture/guard.py; NEWSBOT_PRIVATE_ADDRESSES sets it

DOWNLOADER_MIDDLEWARES = {
    # Says why before others refuse for less.
    "newsbot.crawl.middlewares.address_guard.GuardMiddleware": 10,
    # RFC 9309, 2.3.1.4: a robots.txt that answers 5xx or nothing means disallow; Scrapy's allows.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newsbot.crawl.middlewares.robotstxt.StrictRobotsMiddleware": 100,
    # Below redirects (600): each hop is asked for with its own validators, or none.
    "newsbot.crawl.middlewares.conditional.ConditionalMiddleware": 650,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "newsbot.crawl.middlewares.httpcompression.CompressionMiddleware": 590,  # at its place
    # Counts bytes and statuses, as the crawl log does; no site of ours asks for a password.
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    # Closest to the spider: its errors come first.
    "newsbot.crawl.middlewares.stop_on_error.StopOnFatalMiddleware": 950,
    # Each is a generator around all that a callback yields, and nothing here asks for what it adds.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}
# Scrapy imports these two, with a web server and a shell (0.2 s), to find that they are off, and
# does so even where EXTENSIONS says None.
_NO_EXTENSIONS = ("remote_control.RemoteControl", "telnet.TelnetConsole")
EXTENSIONS_BASE = {
    name: order
    for name, order in default_settings.EXTENSIONS_BASE.items()
    if not name.endswith(_NO_EXTENSIONS)
}
# Scrapy starts so many tasks for each response (100 by default: a third of all processor time);
# ours yields one item, or requests, which are not waited for.
CONCURRENT_ITEMS = 1
# Articles that Scrapy is given ahead: a request takes 1.6 KB, and a list may name 20,000.
ARTICLE_BATCH = 500
# Bytes of pages that wait to be read or written before no more are fetched: some 60 of 84 KB.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 5_000_000
ITEM_PIPELINES = {
    "pipelines.normalise.NormalisePipeline": 100,
    "pipelines.dedupe.DedupePipeline": 200,
    "pipelines.archive.ArchivePipeline": 300,
}
DOWNLOAD_HANDLERS = {  # record every exchange below Scrapy's own view of it
    "http": "newsbot.capture.handler.RecordingHandler",
    "https": "newsbot.capture.handler.RecordingHandler",
}
CHROMIUM = None  # path of the browser; the crawl command finds it where a seed asks for one
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024  # bytes of a page given to extraction: a bomb is, no news is
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408, 429]

STATS_DUMP = False  # the summary, the manifest and the crawl log say it better
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# An item is a whole article: not into the log.
LOG_FORMATTER = "newsbot.crawl.run_log.QuietLogFormatter"
