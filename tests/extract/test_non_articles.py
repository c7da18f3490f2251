"""What stands at an article's address in its place, and stories that speak of such things."""

from datetime import UTC, datetime

import pytest

from newsbot.extract import extract
from newsbot.models import Extraction, Page
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site

SEED = """
name = "warta"
title = "Warta Pesisir"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["warta.example"]
feeds = ["https://warta.example/feed"]
[urls]
article = '^/berita/'
"""
RULES = """
[select]
title = ["h1"]
container = ["div.isi"]
published = ["time"]
"""
AT = datetime(2025, 12, 1, 3, tzinfo=UTC)
MENU = """<header><a href="/">Warta Pesisir</a><nav><a href="/politik">Politik</a>
<a href="/ekonomi">Ekonomi</a><a href="/masuk">Masuk</a></nav></header>"""
FOOTER = "<footer><p>© 2025 Warta Pesisir. Kebijakan privasi. Kontak redaksi.</p></footer>"
STORY = (
    "Nelayan di dusun ke-{number} kembali melaut setelah gelombang tinggi mereda, kata kepala "
    "desa. Mereka menunggu {number} hari sambil memperbaiki jaring dan mengecat perahu di muara."
)
POPULAR = "<h3>Terpopuler</h3>" + "".join(
    f"<div class=kartu><h2><a href='/berita/{n}/kabar-{n}'>Kabar desa nomor {n} yang panjang</a>"
    f"</h2><p>Ringkasan kabar nomor {n}, yang dibaca banyak orang pada hari ini di pesisir.</p>"
    "</div>"
    for n in range(2, 12)
)


def page(head: str, body: str) -> str:
    return (
        f"<!doctype html><html lang=id><head><meta charset=utf-8>{head}</head>"
        f"<body>{MENU}{body}{FOOTER}</body></html>"
    )


def plain(title: str, body: str) -> str:
    return page(f"<title>{title}</title>", f"<main>{body}</main>")


def read(html: str, more: str = "") -> Extraction:
    site: Site = site_of(SEED + more, "a test")
    url = "https://warta.example/berita/1/nelayan-kembali-melaut"
    return extract(Page(url, html.encode(), AT, 200, "text/html"), site)


SOFT_404 = {
    "404": plain("404 - Warta Pesisir", "<h1>404</h1><p>Halaman yang Anda cari tidak ada.</p>"),
    "popular": plain("Halaman Tidak Ditemukan | Warta Pesisir",
        "<h1>Halaman Tidak Ditemukan</h1><p>Silakan kembali ke beranda.</p>" + POPULAR),
    "not-found": plain("Page not found – Warta Pesisir", "<h1>Oops! That page can’t be found.</h1>"
        "<p>It looks like nothing was found at this location. Maybe try a search?</p>" + POPULAR),
    "name-alone": plain("Warta Pesisir", "<h2>Maaf, berita yang Anda cari tidak ditemukan</h2>"
        "<p>Mungkin tautan yang Anda ikuti salah ketik.</p>" + POPULAR),
    "removed": plain("Warta Pesisir", "<p>Artikel ini telah dihapus oleh redaksi.</p>"),
    "removed-english": plain("Warta Pesisir", "<h1>This article is no longer available</h1>"
        "<p>The story you were looking for has been removed by the editors.</p>"),
    "error": plain("Terjadi Kesalahan", "<h1>Terjadi kesalahan pada sistem</h1>"
        "<p>Silakan coba beberapa saat lagi.</p>"),
    "error-english": plain("Error", "<h1>Something went wrong</h1><p>Please try again later.</p>"),
    "maintenance": plain("Situs sedang dalam pemeliharaan", "<h1>Kami segera kembali</h1>"),
    "server": plain("500 Internal Server Error", "<center><h1>500 Internal Server Error</h1>"
        "</center><hr><center>nginx</center>"),
    "without-heading": plain("Warta Pesisir", "<div>Maaf, halaman yang anda tuju sudah tidak "
        "tersedia.</div>"),
    "lost": plain("Yah, halaman yang kamu cari nggak ada",
        "<h1>Yah, kamu tersesat?</h1>" + POPULAR),
    "suspended": plain("Account Suspended", "<h1>This account has been suspended.</h1>"),
    "url": plain("404 Not Found", "<h1>Not Found</h1><p>The requested URL was not found on this "
        "server.</p>"),
    "nothing-here": plain("Warta Pesisir", "<h2>Nothing here</h2><p>Uh-oh! We couldn't find that "
        "page.</p>" + POPULAR),
    "gone-with-name": plain("Berita tidak ditemukan : Warta Pesisir",
        "<h1>Warta Pesisir</h1><p>Berita tidak ditemukan.</p>"),
}  # fmt: skip
CHALLENGE = """<html><head><title>Just a moment...</title></head><body><h1>www.warta.example</h1>
<p>Checking if the site connection is secure</p>
<script src="/cdn-cgi/challenge-platform/h/b/x"></script></body></html>"""
DENIED = """<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>
<p>You don't have permission to access this page on this server.</p></body></html>"""
WALLS = {
    "consent": ("consent", plain("Persetujuan", "<h1>Sebelum melanjutkan</h1><p>Kami dan 812 mitra "
        "kami menyimpan data pribadi di perangkat Anda. Dengan memilih Saya Setuju, Anda "
        "mengizinkan pelacakan.</p>")),
    "consent-english": ("consent", plain("Your privacy", "<h1>We value your privacy</h1><p>We and "
        "our 745 partners store and access personal data, such as browsing data, on your device. "
        "By choosing I accept you enable tracking for personalised advertising.</p>"
        "<button>I accept</button>")),
    "consent-site-title": ("consent", plain("Warta Pesisir", "<h2>Cookies di Warta Pesisir</h2>"
        "<p>Warta Pesisir dan mitra memakai kuki untuk iklan yang dipersonalisasi dan pengukuran. "
        "Pilih Setuju untuk menerima pelacakan data pribadi, atau Tolak.</p>")),
    "login": ("login", plain("Masuk | Warta Pesisir", "<h1>Masuk</h1><form><input name=email>"
        "<input type=password name=sandi><button>Masuk</button></form><p>Belum punya akun? "
        "<a href=/daftar>Daftar</a></p>")),
    "login-english": ("login", plain("Log in to your account - Warta Pesisir", "<h1>Welcome back"
        "</h1><form><input name=user><input type=password></form>")),
    "login-form": ("login", plain("Warta Pesisir", "<h2>Akun pembaca</h2><p>Gunakan surel dan sandi"
        " Anda untuk membuka halaman ini.</p><form><input><input type=password></form>")),
    "bot": ("bot", CHALLENGE),
    "bot-denied": ("bot", DENIED),
    "bot-indonesian": ("bot", plain("Verifikasi bahwa Anda manusia", "<h1>Sebentar, kami memeriksa "
        "peramban Anda</h1>")),
    "bot-captcha": ("bot", plain("Warta Pesisir", "<p>Geser untuk melengkapi gambar.</p>"
        "<div class='g-recaptcha'></div>")),
    "bot-busy": ("bot", plain("Warta Pesisir", "<h1>Are you a robot?</h1><p>We have detected "
        "unusual traffic from your network.</p>")),
    "region": ("region", plain("Unavailable", "<h1>This content is not available in your country"
        "</h1>")),
    "age": ("age", plain("Warta Pesisir", "<h1>Verifikasi usia</h1><p>Apakah Anda berusia di atas "
        "18 tahun?</p>")),
    "adblock": ("adblock", plain("Pemblokir iklan terdeteksi", "<h1>Matikan adblock untuk "
        "melanjutkan</h1>")),
    "paywall": ("paywall", plain("Subscribe to continue reading", "<h1>Subscribe to continue "
        "reading</h1><p>Choose a plan.</p>")),
    "paywall-indonesian": ("paywall", plain("Berlangganan | Warta Pesisir",
        "<h1>Khusus pelanggan</h1><p>Pilih paket langganan.</p>")),
}  # fmt: skip
LISTS = {
    "home": page("<title>Warta Pesisir</title><link rel=canonical href='https://warta.example/'>",
        f"<main>{POPULAR}</main>"),
    "home-slogan": page("<title>Warta Pesisir - Kabar dari muara</title>"
        "<link rel=canonical href='https://warta.example/'>"
        "<meta property=og:type content=website>", f"<main>{POPULAR}</main>"),
    "nameless": page("<title>Warta Pesisir</title>", f"<main>{POPULAR}</main>"),
}  # fmt: skip
SHELLS = {
    "next": '<html><head><title>Nelayan</title></head><body><main></main><script>'
        'self.__next_f.push([1,"0:{}"])</script></body></html>',
    "angular": "<html><head><title>Nelayan</title></head><body><app-root></app-root>"
        "<script src='main.js'></script></body></html>",
    "blank": "<html><head><title>Nelayan</title></head><body><div class=x></div>"
        "<script src='a.js'></script></body></html>",
    "noscript": "<html><head><title>Nelayan</title></head><body><div id=root></div><noscript>"
        "You need to enable JavaScript to run this app.</noscript></body></html>",
}  # fmt: skip
HEADLINES = [
    "Halaman depan balai desa tidak ditemukan kerusakan",
    "Akses ditolak, warga memprotes gerbang baru",
    "Login tanpa kata sandi kini bisa di pasar",
    "Privasi data warga: kami menghargai, kata bupati",
    "404 rumah rusak akibat angin kencang",
    "Kapal yang hilang belum ditemukan",
    "Page not found: how a novel lost its ending",
    "Robots and humans share the harbour",
    "Pelanggan listrik dan paket murah",
    "Berita bohong tidak ada di desa kami",
    "Access denied to observers, ministry says",
    "Cookies sell well before the holiday",
]


@pytest.mark.parametrize("name", SOFT_404)
@pytest.mark.parametrize("rules", ["", RULES], ids=["without-rules", "rules"])
def test_an_error_page_with_status_200(name: str, rules: str) -> None:
    found = read(SOFT_404[name], rules)
    assert found.articles == ()
    if not rules:
        assert found.kind == "soft-404"


@pytest.mark.parametrize("name", WALLS)
def test_a_wall(name: str) -> None:
    wall, html = WALLS[name]
    found = read(html)
    assert (found.kind, found.wall, found.articles) == ("wall", wall, ())


@pytest.mark.parametrize("name", LISTS)
def test_a_list(name: str) -> None:
    found = read(LISTS[name])
    assert (found.kind, found.articles) == ("list", ())


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell(name: str) -> None:
    found = read(SHELLS[name])
    assert (found.kind, found.articles) == ("needs-browser", ())


@pytest.mark.parametrize("headline", HEADLINES)
@pytest.mark.parametrize("length", [2, 12], ids=["short", "long"])
@pytest.mark.parametrize("form", ["bare", "with-login", "with-cookies", "dated"])
def test_a_story_that_speaks_of_it_is_a_story(headline: str, length: int, form: str) -> None:
    story = "".join(f"<p>{STORY.format(number=number)}</p>" for number in range(2, length + 2))
    body = f"<article><h1>{headline}</h1>{story}</article>"
    if form == "with-login":
        body += "<form><input name=email><input type=password><button>Masuk</button></form>"
    elif form == "with-cookies":
        body += (
            "<div class=cookie><p>Kami dan mitra memakai kuki untuk iklan dan pelacakan. Pilih "
            "Setuju untuk menerima, atau baca tentang data pribadi.</p></div>"
        )
    elif form == "dated":
        body = f"<time datetime='2025-11-28'>28 November 2025</time>{body}"
    found = read(page(f"<title>{headline} - Warta Pesisir</title>", body + POPULAR))
    assert found.kind == "article", found
    assert found.articles[0].text.count("Nelayan") >= length
