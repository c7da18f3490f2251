"""Pelican's settings."""

from pathlib import Path

AUTHOR = "Redaksi"
SITENAME = "Kabar Hutan"
SITESUBTITLE = "berita dari bawah kanopi"
SITEURL = "https://kabarhutan.test"
TIMEZONE = "Asia/Jakarta"
DEFAULT_LANG = "id"
THEME = "notmyidea"
THEME_TEMPLATES_OVERRIDES = [str(Path(__file__).parent / "templates")]
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
CATEGORY_URL = CATEGORY_SAVE_AS = "rubrik/{slug}.html"
DEFAULT_PAGINATION = 10
FEED_MAX_ITEMS = 20
FEED_ALL_ATOM = "feeds/semua.atom.xml"
FEED_ALL_RSS = "feeds/semua.rss.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
PLUGINS = ["pelican.plugins.sitemap"]
SITEMAP = {"format": "xml"}
STATIC_PATHS = ["images"]
