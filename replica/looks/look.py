"""What the world looks like now: its pages' look, and the files that they need."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from replica.dates import WIB
from replica.hosts import ASSETS, PICTURES, TRACKER
from replica.looks import scenes, sheets
from replica.looks.dress import dress
from replica.story import SyntheticStory

_MADE: Final = datetime(2026, 9, 1, 8, 0, tzinfo=WIB)
_SIZE: Final = re.compile(r"/(\d{1,4})x(\d{1,4})/")
_UNSIZED: Final = (500, 333)
_PREFIX: Final = "/aset/"
_GIF: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)


@dataclass(frozen=True, slots=True)
class File:
    """What a page needs, with the time of its last change."""

    content_type: str
    body: bytes
    modified: datetime


class Look:
    """The look of all pages. Pictures and colours can be changed; addresses stay the same."""

    def __init__(self) -> None:
        self._repainted: Counter[str] = Counter()
        self._restyled = 0

    def dress(self, html: str, host: str, story: SyntheticStory | None = None) -> str:
        """Return the bare page with its look; ``story`` is that of an article's page."""
        return dress(html, host, story)

    def repaint(self, url: str) -> None:
        """Put another picture in the place of the one at the address, in all its sizes.

        Raises:
            ValueError: that is no picture's address.
        """
        parts = urlsplit(url)
        if parts.hostname not in PICTURES:
            raise ValueError(f"{url}: not a picture; their hosts are {', '.join(PICTURES)}")
        self._repainted[_name(parts.path)] += 1

    def restyle(self) -> None:
        """Give the site other colours: one of the sheets that sheets import changes."""
        self._restyled += 1

    def file(self, host: str, path: str) -> File | None:
        """Return what is at the host's path; None if that is none of the look's files."""
        if host in PICTURES:
            return self._picture(path)
        if host == TRACKER:
            return File("image/gif", _GIF, _MADE)
        inner = path[1:] if host == ASSETS else path.removeprefix(_PREFIX)
        found = sheets.file(inner, self._restyled)
        if found is None or (host != ASSETS and not path.startswith(_PREFIX)):
            return None
        return File(*found, _MADE + timedelta(days=self._restyled))

    def _picture(self, path: str) -> File | None:
        name = _name(path)
        version = self._repainted[name]
        scene = scenes.Scene.of(name, version)
        match = _SIZE.search(path)
        width, height = (int(match[1]), int(match[2])) if match else _UNSIZED
        made: tuple[str, bytes]
        match path.rpartition(".")[2]:
            case "avif":
                made = "image/avif", scenes.avif(scene)
            case "webp":
                made = "image/webp", scenes.webp(scene, width, height)
            case "jpg":
                made = "image/jpeg", scenes.jpeg(scene, width, height)
            case "png":
                made = "image/png", scenes.png(scene, width, height)
            case _:
                return None
        return File(*made, _MADE + timedelta(days=version))


def _name(path: str) -> str:
    """Return what all sizes and codings of a picture have in common."""
    return path.rpartition("/")[2].partition(".")[0]
