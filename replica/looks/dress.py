"""A bare page with its look: the same text and links, with all that a browser then loads."""

import re
from collections.abc import Callable
from typing import Final

from newsbot.models import Image
from replica.hosts import AGGREGATOR, ASSETS, TRACKER
from replica.story import SyntheticStory

_PLACEHOLDER: Final = (
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
)
_LAZY: Final = """<script>
(function () {
  var all = document.querySelectorAll('img[data-src]');
  function load(one) {
    if (one.dataset.srcset) one.srcset = one.dataset.srcset;
    one.src = one.dataset.src;
  }
  if (!('IntersectionObserver' in window)) { all.forEach(load); return; }
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { seen.unobserve(entry.target); load(entry.target); }
    });
  }, { rootMargin: '200px' });
  all.forEach(function (one) { seen.observe(one); });
})();
</script>"""
_PIXEL: Final = (
    f'<img src="https://{TRACKER}/collect?v=1&amp;t=pageview" width="1" height="1" alt="" '
    'style="position:absolute">'
)
_SIZE: Final = re.compile(r"/(\d+)x(\d+)/")
_CARD: Final = re.compile(
    r'(<div class="(?:card__post card__post-list|topbox)">)'
    r'(?=<h3[^<>]*><a [^<>]*href="https://[^/"]*/\w+/(\d+)/)'
)
_WIDTHS: Final = (350, 730, 1460)


def dress(html: str, host: str, story: SyntheticStory | None = None) -> str:
    """Return the page with sheets, icons, backgrounds and pictures; a list's without a story."""
    if story is not None:
        html = _with_pictures(html, story)
    base, head = _head(host, story)
    html = html.replace("<head>", f"<head>{base}", 1).replace("</head>", f"{head}</head>", 1)
    html = _CARD.sub(_with_thumbnail, html).replace(
        '<section class="wrap__section">',
        f'<section class="wrap__section" style="background: url(&quot;https://{ASSETS}/gambar/'
        'pita.png&quot;) repeat-x">',
    )
    return html.replace("</body>", f"{_LAZY}{_PIXEL}</body>", 1)


def other_size(url: str, width: int) -> str:
    """Return the address of a picture's crop of another width; the same if it has no crops."""
    match = _SIZE.search(url)
    if match is None:
        return url
    height = round(int(match[2]) * width / int(match[1]))
    return f"{url[: match.start()]}/{width}x{height}/{url[match.end() :]}"


def _head(host: str, story: SyntheticStory | None) -> tuple[str, str]:
    """Return what opens and what ends a head: ``base``, and links or a style element."""
    base, at = "", f"https://{ASSETS}/"
    if host == AGGREGATOR or (story is not None and story.template == "T2"):
        base, at = f'<base href="https://{host}/aset/">', ""
    links = (
        f'<link rel="stylesheet" href="{at}css/utama.css?v=8">'
        f'<link rel="stylesheet" href="{at}css/cetak.css" media="print">'
    )
    if story is not None and story.template == "T1":
        links = f'<style type="text/css">@import url({at}css/utama.css?v=8);</style>'
    icons = (
        f'<link rel="icon" sizes="32x32" href="{at}ikon/32.png">'
        f'<link rel="apple-touch-icon" href="{at}ikon/180.png">'
    )
    style = (
        f"<style>.blog-tags, .tags-wrapper, .byline {{ padding: 6px 12px;"
        f" background: url('{at}gambar/pita.png') #fff }}</style>"
    )
    return base, links + icons + style + _open_graph(story)


def _open_graph(story: SyntheticStory | None) -> str:
    if story is None or not story.images:
        return ""
    return f'<meta property="og:image" content="{other_size(story.images[0].url, 1200)}">'


def _with_thumbnail(match: re.Match[str]) -> str:
    return (
        f'{match[1]}<img class="mini" loading="lazy" width="96" height="64" alt="" '
        f'src="https://cdn.antaranews.com/cache/96x64/{match[2]}.jpg">'
    )


def _with_pictures(html: str, story: SyntheticStory) -> str:
    """Return the page with each of the story's pictures in the form that its number chooses."""
    if story.template == "T1":
        return html  # that old template had one form
    form = _FORMS[story.number % len(_FORMS)]
    for image in story.images:
        pattern = rf'<img [^<>]*src="{re.escape(image.url)}"[^<>]*>'
        html = re.sub(pattern, lambda match, image=image: form(match[0], image), html)  # type: ignore[misc]
    return html


def _typed(element: str, image: Image) -> str:
    """Return the picture with newer codings for browsers that know them."""
    url = image.url
    webp = f"{other_size(url, 730)}.webp, {other_size(url, 1460)}.webp 2x"
    return (
        f'<picture><source type="image/avif" media="(min-width: 2000px)" srcset="{url}.avif">'
        f'<source type="image/webp" media="(min-width: 600px)" srcset="{webp}">'
        f"{_at_once(element, image)}</picture>"
    )


def _newest(element: str, image: Image) -> str:
    """Return the picture with a source that is an AVIF."""
    source = f'<source type="image/avif" srcset="{image.url}.avif">'
    return f"<picture>{source}{_at_once(element, image)}</picture>"


def _responsive(element: str, image: Image) -> str:
    """Return the picture in three widths, loaded when it is near."""
    sizes = 'sizes="(max-width: 760px) 100vw, 730px" loading="lazy"'
    return _at_once(element, image).replace("<img ", f'<img srcset="{_srcset(image)}" {sizes} ', 1)


def _dense(element: str, image: Image) -> str:
    """Return the picture in two densities."""
    twice = other_size(image.url, 1460)
    return _at_once(element, image).replace("<img ", f'<img srcset="{twice} 2x" ', 1)


def _lazy(element: str, image: Image) -> str:
    """Return the picture as scripts load it, and for browsers without scripts."""
    later = re.sub(r'(?:data-)?src="[^"]*"', "", element)
    return (
        later.replace(
            "<img ",
            f'<img src="{_PLACEHOLDER}" data-src="{image.url}" data-srcset="{_srcset(image)}" '
            'sizes="730px" ',
            1,
        )
        + f'<noscript><img src="{image.url}" alt=""></noscript>'
    )


_FORMS: Final[tuple[Callable[[str, Image], str], ...]] = (
    _typed, _responsive, _lazy, _dense, _newest,
)  # fmt: skip


def _at_once(element: str, image: Image) -> str:
    """Return the element as it is loaded without a script."""
    return re.sub(r'(?:data-)?src="[^"]*"', f'src="{image.url}"', element)


def _srcset(image: Image) -> str:
    return ", ".join(f"{other_size(image.url, width)} {width}w" for width in _WIDTHS)
