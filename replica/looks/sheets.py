"""The style sheets, and what they name: a font, backgrounds and icons.

``css/utama.css`` imports sheets that import others, three deep. All names within are relative, so
that the files can stand at the root of a host of their own and below ``/aset/`` of the others.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from replica.looks import scenes

_FOLDER: Final = Path(__file__).parent
_ACCENTS: Final = ("#8c1d18", "#14532d", "#1e3a8a")  # a restyled site has the next one
_SHEETS: Final = {
    "css/utama.css": """@charset "utf-8";
@import url("tata.css");
@import 'ikon/ikon.css' screen;
body { margin: 0; background: #d8dee9 url(../gambar/pola.png); color: #1b1b1b;
  font: 17px/1.6 sans-serif; }
a { color: var(--tekanan); text-decoration: none; }
.navbar { background: var(--tekanan) url( '../gambar/kepala.png' ) repeat-x; padding: 18px 90px;
  min-height: 84px; }
.navbar a { color: #fff; }
.navbar ul { list-style: none; margin: 8px 0 0; padding: 0; }
.navbar li { display: inline-block; margin-right: 18px; }
.site-footer, body > footer { clear: both; padding: 30px 90px;
  background-image: linear-gradient(#0008, #0008), url("../gambar/kaki.png"); }
.site-footer a, body > footer { color: #fff; }
body > header { background: var(--tekanan) url(../gambar/kepala.png); padding: 30px 90px; }
body > header a { color: #fff; font: 40px Judul; }
""",
    "css/tata.css": """@import url(../huruf/huruf.css);
.container, .outside, .post-wrapper, body > article, .wrapper__list__article, .post-list {
  width: 730px; margin: 0 0 0 90px; padding: 20px; background: #fff; }
.container, .outside { width: 1060px; overflow: hidden; }
.wrap__article-detail, .bjbrt { float: left; width: 730px; }
.wrapper__list-popular, .terkait_bottom { float: right; width: 300px; background: #f4f4ef; }
.post-wrapper { float: left; }
.post-wrapper + .wrapper__list-popular { float: left; margin-left: 20px; }
.wrapper__list-popular h3, .topbox h3 { font-size: 14px; line-height: 1.3; margin: 0 0 14px; }
.card__post-list, .topbox { min-height: 72px; clear: both; }
.mini { float: left; margin-right: 10px; }
figure { margin: 0 0 16px; }
figure img, .img-fluid, .img_default { display: block; width: 730px; height: auto; }
figcaption, .wp-caption-text, #caption_news { font-size: 14px; color: #666; }
""",
    "huruf/huruf.css": """@import "warna.css";
@font-face { font-family: Judul; font-display: block;
  src: url(judul.woff2?v=1) format("woff2"), url("judul.woff") format("woff"); }
h1, .navbar > a, h4, .box_header { font-family: Judul, serif; font-weight: 400; }
h1 { font-size: 34px; line-height: 1.3; color: var(--tekanan); }
""",
    "huruf/warna.css": ":root {{ --tekanan: {accent}; }}\n",
    "css/ikon/ikon.css": """.fa-clock-o { display: inline-block; width: 16px; height: 16px;
  background: url(jam.svg) no-repeat; }
.breadcrumbs__item { list-style-image: url("panah.svg"); }
""",
    "css/cetak.css": "nav, aside, footer { display: none }\n",
}
_ICONS: Final = {
    "css/ikon/jam.svg": '<circle cx="8" cy="8" r="7" fill="#c2410c"/>',
    "css/ikon/panah.svg": '<path d="M2 2l12 6-12 6z" fill="#0e7490"/>',
}
_TILES: Final = {
    "gambar/pola.png": (96, 64), "gambar/kepala.png": (240, 120), "gambar/kaki.png": (180, 120),
    "gambar/pita.png": (120, 16), "ikon/32.png": (32, 32), "ikon/180.png": (180, 180),
}  # fmt: skip
_FONTS: Final = ("huruf/judul.woff2", "huruf/judul.woff")
CSS: Final = "text/css; charset=UTF-8"


def file(path: str, restyled: int) -> tuple[str, bytes] | None:
    """Return type and content of the file of that path; None if there is none.

    ``restyled`` is how often the site has got other colours.
    """
    if path in _SHEETS:
        text = _SHEETS[path]
        if path == "huruf/warna.css":
            text = text.format(accent=_ACCENTS[restyled % len(_ACCENTS)])
        return CSS, text.encode()
    if path in _ICONS:
        return "image/svg+xml", _svg(_ICONS[path])
    if path in _TILES:
        return "image/png", _tile(path, _TILES[path])
    if path in _FONTS:
        return f"font/{path.rpartition('.')[2]}", (_FOLDER / Path(path).name).read_bytes()
    return None


def _svg(content: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">{content}</svg>'.encode()
    )


def _tile(name: str, size: Sequence[int]) -> bytes:
    return scenes.png(scenes.Scene.of(name), *size)
