"""A host whose pages are made by scripts: the main host's stories, visible in a browser only.

Each kind of page has a path of its own, so that a test can request the one it needs.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from replica.hosts import ADS
from replica.markup import attribute, text
from replica.story import SyntheticStory

LIST: Final = "/gulung"
BUTTON: Final = "/muat"  # a list with a button that loads more, until there is no more
LINKS: Final = "/daftar"  # ?paths=/app/1,/xhr/2: a plain list of these
_PAGE: Final = re.compile(r"^/(?P<kind>app|xhr|lazy|busy|popup|hog)/(?P<number>\d+)$")
_MOVED: Final = re.compile(r"^/(?P<step>pindah|pindah2)/(?P<number>\d+)$")
_DATA: Final = re.compile(r"^/data/(?P<number>\d+)\.(?P<form>json|html)$")
_PARTS: Final = re.compile(r"<head[^>]*>(.*?)</head>.*?<body[^>]*>(.*)</body>", re.DOTALL)
_CONTAINER: Final = re.compile(r'post-content">(.*?)</div>\n<div class="blog-tags">', re.DOTALL)
_BATCH: Final = 12  # stories that an infinite list loads at once
_POPUPS: Final = 50
_MAX_PIECES: Final = 400  # of 8 MiB: limits a page that was not killed

_APP: Final = """
fetch('/data/' + location.pathname.split('/').pop() + '.json').then(r => r.json()).then(d => {
  document.head.insertAdjacentHTML('beforeend', d.head);
  document.getElementById('app').innerHTML = d.body;
  console.error('a complaint of the page');
});
"""
_XHR: Final = """
const request = new XMLHttpRequest();
request.onload = () => { document.getElementById('isi').innerHTML = request.responseText; };
request.open('GET', '/data/' + location.pathname.split('/').pop() + '.html');
request.send();
"""
_LAZY: Final = """
const seen = new IntersectionObserver(all => all.forEach(one => {
  if (one.isIntersecting) { one.target.src = one.target.dataset.src; seen.unobserve(one.target); }
}));
document.querySelectorAll('img[data-src]').forEach(one => seen.observe(one));
"""
_BUSY: Final = "let n = 0; setInterval(() => fetch('/detak?n=' + n++), 150);"
_POPUP: Final = f"for (let i = 0; i < {_POPUPS}; i++) window.open('/sembul/' + i);"
_HOG: Final = f"""
const kept = [];
while (kept.length < {_MAX_PIECES}) kept.push(new Array(1048576).fill(0).map(() => Math.random()));
"""
_SCROLL: Final = """
let page = 1, busy = false;
const more = () => {
  if (busy || innerHeight + scrollY < document.body.scrollHeight - 200) return;
  busy = true;
  fetch('/data/gulung?page=' + page++).then(r => r.json()).then(all => {
    for (const one of all) {
      const item = document.createElement('div');
      item.innerHTML = one;
      document.getElementById('daftar').append(item);
    }
    busy = all.length === 0;
  });
};
addEventListener('scroll', more);
more();
"""

_MORE: Final = """
let page = 1;
const button = document.createElement('button');
button.className = 'lagi';
button.textContent = 'Muat lagi';
document.body.append(button);
const more = () => {
  button.disabled = true;
  fetch('/data/gulung?page=' + page++).then(r => r.json()).then(all => {
    const list = document.getElementById('daftar');
    list.insertAdjacentHTML('beforeend', all.join(''));
    button.disabled = false;
    if (all.length === 0) button.remove();
  });
};
button.addEventListener('click', more);
more();
"""


def document(
    target: str, stories: Sequence[SyntheticStory], html_of: Callable[[SyntheticStory], str]
) -> tuple[int, str, bytes, str | None] | None:
    """Return status, type, body and Location of a path and query; None if there is no page."""
    path = urlsplit(target).path
    by_number = {story.number: story for story in scripted(stories)}
    if path in (LIST, BUTTON):
        script = _SCROLL if path == LIST else _MORE
        return _html(_shell("<title>Terkini</title>", '<div id="daftar"></div>', script))
    query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    if path == "/data/gulung":
        return _json(_batch(list(by_number.values()), int(query.get("page", "1"))))
    if path == LINKS:
        paths = query.get("paths", "").split(",")
        return _html(_shell("<title>Terkini</title>", "".join(map(_link, paths)), ""))
    if path == "/alih":
        return 302, "text/html", b"", query.get("ke", "/")
    if path == "/jebak":
        return _html(_shell("<title>Jebakan</title>", "".join(map(_spy, query["ke"].split())), ""))
    if path == "/detak":
        return _json(None)
    if match := _MOVED.match(path):
        to = {"pindah": "pindah2", "pindah2": "app"}[match["step"]]
        return 302, "text/html", b"", f"/{to}/{match['number']}"
    match = _PAGE.match(path) or _DATA.match(path)
    story = by_number.get(int(match["number"])) if match else None
    if match is None or story is None:
        return None
    head, body = _split(html_of(story))
    if "form" in match.groupdict():
        data = {"head": head, "body": body}
        return _json(data) if match["form"] == "json" else _html(_inside(body)[1])
    return _html(_PAGES[match["kind"]](head, body))


def scripted(stories: Sequence[SyntheticStory]) -> list[SyntheticStory]:
    """Return the stories of this host: text articles on one page, in the newest template."""
    return [
        story
        for story in stories
        if story.kind == "article" and story.template == "T3" and story.pages == 1
    ]


def _app(head: str, _body: str, more: str = "") -> str:  # noqa: ARG001 - as the other pages
    ad = f'<script src="https://{ADS}/iklan.js" async></script>'
    return _shell("<title>Memuat</title>", f'<div id="app"></div>{ad}', _APP + more)


def _xhr(head: str, body: str) -> str:
    before, _, after = _inside(body)
    return _shell(head, f'{before}<div id="isi"></div>{after}', _XHR)


def _lazy(head: str, body: str) -> str:
    """Return a page whose pictures load only when visible, one of them three screens down."""
    deferred = re.sub(r"(<img[^>]*?)\ssrc=", r"\1 data-src=", body)
    return _shell(head, f'{deferred}<div style="height:3000px"></div>{_last_picture()}', _LAZY)


def _last_picture() -> str:
    return '<img width="16" height="16" data-src="https://cdn.antaranews.com/cache/jauh.png">'


_PAGES: Final[dict[str, Callable[[str, str], str]]] = {
    "app": _app,
    "xhr": _xhr,
    "lazy": _lazy,
    "busy": lambda head, body: _app(head, body, _BUSY),
    "popup": lambda head, body: _app(head, body, _POPUP),
    "hog": lambda head, body: _app(head, body, _HOG),
}


def _batch(stories: Sequence[SyntheticStory], page: int) -> list[str]:
    shown = stories[(page - 1) * _BATCH : page * _BATCH]
    return [
        f'<h2 style="margin:60px 0"><a href="/app/{story.number}" title="{attribute(story.title)}">'
        f"{text(story.title)}</a></h2>"
        for story in shown
    ]


def _link(path: str) -> str:
    return f'<h2><a href="{attribute(path)}">Berita {text(path)} selengkapnya</a></h2>'


def _spy(url: str) -> str:
    """Return a picture and a script of another address, as a probe of the crawler's network."""
    return f'<img src="{attribute(url)}"><script src="{attribute(url)}?js"></script>'


def _shell(head: str, body: str, script: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="id"><head><meta charset="utf-8">{head}</head>'
        f"<body>{body}<script>{script}</script></body></html>"
    )


def _split(html: str) -> tuple[str, str]:
    """Return the content of head and body, without the scripts that a browser would run."""
    match = _PARTS.search(html)
    if match is None:
        raise ValueError("the page has no head and body")
    return match[1], re.sub(r"<script>.*?</script>", "", match[2], flags=re.DOTALL)


def _inside(body: str) -> tuple[str, str, str]:
    """Return what is before, in and after the text's container."""
    match = _CONTAINER.search(body)
    if match is None:
        raise ValueError("the page has no container of its text")
    return body[: match.start(1)], match[1], body[match.end(1) :]


def _html(page: str) -> tuple[int, str, bytes, str | None]:
    return 200, "text/html; charset=UTF-8", page.encode(), None


def _json(value: object) -> tuple[int, str, bytes, str | None]:
    return 200, "application/json", json.dumps(value).encode(), None
