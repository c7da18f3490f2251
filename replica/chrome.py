"""What surrounds an article on a page: menus, scripts and cards, of any requested size."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from replica.markup import attribute, text, tracked
from replica.story import SyntheticStory

SECTIONS = {
    "politik": "Politik", "hukum": "Hukum", "ekonomi": "Ekonomi", "metro": "Metro",
    "olahraga": "Olahraga", "humaniora": "Humaniora", "hiburan": "Hiburan", "dunia": "Dunia",
    "tekno": "Tekno", "otomotif": "Otomotif", "warta-bumi": "Warta Bumi",
}  # fmt: skip
QUIET_SECTIONS = ("sepakbola", "lifestyle", "nusantara", "rilis")  # without stories of their own
SECTIONS_ENGLISH = {
    "national": "National", "business": "Business", "world": "World", "science": "Science",
    "environment": "Environment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chrome:
    """Markup before and after a page's content."""

    top: str
    bottom: str


@lru_cache(maxsize=16)
def plain(host: str, language: str) -> Chrome:
    """Return a menu and a footer."""
    sections = SECTIONS_ENGLISH if language == "en" else SECTIONS
    newest = "latest-news" if language == "en" else "terkini"
    menu = "".join(
        f'<li><a href="https://{host}/{path}">{name}</a></li>'
        for path, name in {newest: newest.capitalize(), **sections}.items()
    )
    top = f'<nav class="navbar"><a href="https://{host}/">ANTARA</a><ul>{menu}</ul></nav>'
    bottom = (
        '<footer class="site-footer"><a href="/ketentuan-penggunaan">Ketentuan Penggunaan</a> '
        '<a href="/tentang-kami">Tentang Kami</a> <a href="/ajax/polling">Jajak</a></footer>'
    )
    return Chrome(top, bottom)


class Padding:
    """A stock of scripts, styles, menu items and cards that pads pages to a size."""

    def __init__(self, cards: Sequence[SyntheticStory]) -> None:
        rng = random.Random("padding")  # noqa: S311 - not for secrets
        factories = (_script, _style, _menu)
        self._pieces = [
            _card(cards[number % len(cards)], number) if cards and number % 3 == 0
            else factories[number % 3](rng, number)
            for number in range(900)
        ]  # fmt: skip

    def fill(self, chrome: Chrome, missing: int) -> Chrome:
        """Return the chrome with about ``missing`` bytes more, a third of them before the text."""
        taken: list[str] = []
        length = 0
        for piece in self._pieces:
            if length >= missing:
                break
            taken.append(piece)
            length += len(piece) + 1
        third = len(taken) // 3
        head = [piece for piece in taken[:third] if not piece.startswith("<div")]
        tail = [piece for piece in taken[:third] if piece.startswith("<div")] + taken[third:]
        return Chrome(
            "\n".join([*head, chrome.top]),
            "\n".join([chrome.bottom, *tail]),
        )


def _word(rng: random.Random) -> str:
    return "".join(
        rng.choice(("ka", "ri", "ton", "sel", "pu", "mi", "dan", "lo")) for _ in range(3)
    )


def _script(rng: random.Random, number: int) -> str:
    name, other, key = _word(rng), _word(rng), _word(rng)
    return (
        f"<script>window.{name}{number}=window.{name}{number}||[];(function(d,s){{var {other}="
        f"d.createElement(s);{other}.async=1;{other}.src='https://stat.example/{key}.js?v={number}';"
        f"if(d.readyState!=='loading'){{d.head.appendChild({other});}}else{{d.addEventListener("
        f"'DOMContentLoaded',function(){{d.head.appendChild({other});}});}}}})(document,'script');"
        "</script>"
    )


def _style(rng: random.Random, number: int) -> str:
    rules = "".join(
        f".{_word(rng)}-{number}{{margin:{rng.randint(0, 30)}px {rng.randint(0, 9)}px;"
        f"color:#{rng.randint(0, 0xFFFFFF):06x};font-size:{rng.randint(10, 24)}px}}"
        for _ in range(4)
    )
    return f"<style>{rules}</style>"


def _menu(rng: random.Random, number: int) -> str:
    items = "".join(
        f'<li class="nav-item"><a class="nav-link" href="/slug/{_word(rng)}-{number}">'
        f"{_word(rng).capitalize()}</a></li>"
        for _ in range(4)
    )
    return f'<ul class="navbar-nav dropdown-{number}">{items}</ul>'


def _card(story: SyntheticStory, number: int) -> str:
    title = attribute(story.title)
    picture = (
        f"https://cdn.antaranews.com/cache/255x170/{story.published_at:%Y/%m/%d}/{story.number}.jpg"
    )
    return (
        f'<div class="card__post card__post-list-{number % 5}"><div class="image-sm">'
        f'<a href="{tracked(story.url, "editor_picks")}" title="{title}"><img src="{picture}" '
        f'alt="{title}"></a></div><div class="card__post__body"><div class="card__post__title">'
        f'<h3><a href="{tracked(story.url, "editor_picks")}">{text(story.title)}</a></h3></div>'
        "</div></div>"
    )
