"""From the addresses of articles to a regular expression that matches them, and nothing else.

Addresses of one form are brought together: ``/2025/02/a-title.html`` and ``/2025/11/b.html`` are
``/year/month/word.html``. Each form becomes a pattern, as general as the addresses that are no
articles' allow.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

KINDS: Final[Mapping[str, str]] = {
    "foto": "photo", "photo": "photo", "photos": "photo", "galeri": "photo", "gallery": "photo",
    "video": "video", "videos": "video", "infografik": "infographic",
    "infographic": "infographic", "infographics": "infographic",
}  # fmt: skip
"""Words of addresses that say which kind an article is of."""

NO_ARTICLES: Final = frozenset(
    """archive archives arsip author authors categories category feed feeds halaman hashtag indeks
    kategori label page pages penulis profil profile rubrik search cari section tag tags taxonomy
    topic topics topik user users wp-content wp-json""".split()  # noqa: SIM905
)
"""Names of folders that hold pages about articles, and no articles."""

_TRACKER = re.compile(r"utm_|fbclid|gclid|source$|ref$")
_EXTENSION = re.compile(r"\.[a-z]{2,5}$")
_NUMBER_AT_END = re.compile(r"[-_](\d{5,})$")
_NUMBER_AT_START = re.compile(r"\A(\d{4,})[-_]")
_MOST_FORMS: Final = 4
_MOST_PARAMETERS: Final = 20
_HEADLINE_WORDS: Final = 4
_DIGITS: Final = 4
_FEWEST_SHARE: Final = 0.02  # of the addresses: a rarer form is a slip
_ANY: Final = "[^/]+"
_FEW_FOLDERS: Final = 12
_MANY: Final = 30  # articles
_MOST_WORDS: Final = 40  # in an alternation or a look-ahead
_NAMED_WORDS: Final = 2  # hyphens that a title in an address has, where such are needed


@dataclass(frozen=True, slots=True)
class ArticlePattern:
    """A seed's ``urls.article``, with the keys that belong to it.

    ``missed`` are addresses of articles that it does not match, ``taken`` addresses that are none
    and that it matches all the same.
    """

    article: str
    keep_query: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    missed: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def has_number(self) -> bool:
        """Whether the articles' own numbers are known."""
        return "(?P<number>" in self.article


@dataclass(frozen=True, slots=True)
class _Address:
    """A path in segments; ``extension`` is that of the last one, ``kinds`` has a letter for each.

    Y is a year, M a number of at most two digits behind one, N another number, W anything else.
    """

    segments: tuple[str, ...]
    extension: str
    kinds: str

    @property
    def stem(self) -> str:
        return self.segments[-1]


def article_pattern(articles: Sequence[str], others: Collection[str]) -> ArticlePattern | None:
    """Return the pattern for these addresses; None if they have nothing in common.

    Args:
        articles: URLs of articles, each once.
        others: URLs of the site that are no articles'.
    """
    keep = kept_query(articles)
    paths = [urlsplit(url).path for url in articles]
    foreign = {urlsplit(url).path for url in others} - set(paths)
    if keep and len(set(paths)) <= max(1, len(articles) // 10):
        return _of_query(articles, others, keep)
    forms = _forms(paths)
    patterns = [_form_pattern(form, foreign, is_only=len(forms) == 1) for form in forms]
    if not patterns:
        return None
    text = patterns[0] if len(patterns) == 1 else f"^(?:{'|'.join(p[1:] for p in patterns)})"
    kinds = {word: KINDS[word] for word in _words_of_group_kind(text) if word in KINDS}
    return _compared(ArticlePattern(text, keep, kinds), articles, foreign)


def kept_query(urls: Sequence[str]) -> tuple[str, ...]:
    """Return the fewest parameters without which two of the addresses would be the same."""
    parts = [urlsplit(url) for url in urls]
    queries = [
        {key: value for key, value in parse_qsl(one.query) if not _TRACKER.match(key)}
        for one in parts
    ]
    paths = [one.path for one in parts]
    wanted = len(
        {(path, *sorted(query.items())) for path, query in zip(paths, queries, strict=True)}
    )
    kept: list[str] = []
    counts = Counter(key for query in queries for key in query)
    everywhere = [key for key, _ in counts.most_common(_MOST_PARAMETERS)]

    def distinct(keys: Iterable[str]) -> int:
        chosen = list(keys)
        values = (tuple(query.get(key) for key in chosen) for query in queries)
        return len(set(zip(paths, values, strict=True)))

    while (now := distinct(kept)) < wanted:
        best = max(everywhere, key=lambda key: distinct([*kept, key]))
        if distinct([*kept, best]) == now:
            break
        kept.append(best)
    return tuple(kept)


def looks_like_article(url: str, text: str) -> bool:
    """Return whether a link may be an article's, by its address and its text."""
    parts = urlsplit(url)
    segments = parts.path.lower().strip("/").split("/")
    if NO_ARTICLES.intersection(segments):
        return False
    digits = sum(map(str.isdigit, parts.path + parts.query))
    is_headline = len(text.split()) >= _HEADLINE_WORDS
    return is_headline or segments[-1].count("-") >= _NAMED_WORDS or digits >= _DIGITS


def _of_query(
    articles: Sequence[str], others: Collection[str], keep: tuple[str, ...]
) -> ArticlePattern:
    """Return the pattern of articles that differ in their query; others may have the same path."""
    paths = sorted({urlsplit(url).path or "/" for url in articles})
    text = f"^{_either(paths)}"
    foreign = {urlsplit(url).path or "/" for url in others}
    if foreign.intersection(paths) or "/" in paths:
        return ArticlePattern(rf"{text}\?{re.escape(keep[0])}=", keep)
    return ArticlePattern(f"{text}$", keep)


def _compared(
    pattern: ArticlePattern, articles: Sequence[str], foreign: Collection[str]
) -> ArticlePattern:
    compiled = re.compile(pattern.article)
    missed = tuple(url for url in articles if compiled.search(urlsplit(url).path) is None)
    taken = tuple(sorted(path for path in foreign if compiled.search(path)))
    return ArticlePattern(pattern.article, pattern.keep_query, pattern.kinds, missed, taken)


# -- forms -----------------------------------------------------------------------------------------


def form_of(url: str) -> tuple[str, str]:
    """Return the form of an address: a letter for each segment, and the extension."""
    address = _address(urlsplit(url).path)
    return ("", "") if address is None else (address.kinds, address.extension)


def _forms(paths: Iterable[str]) -> list[list[_Address]]:
    """Return the addresses by their form, the most frequent first, without rare ones."""
    addresses = [one for one in map(_address, dict.fromkeys(paths)) if one is not None]
    groups: defaultdict[tuple[str, str], list[_Address]] = defaultdict(list)
    for address in addresses:
        groups[address.kinds, address.extension].append(address)
    ranked = sorted(groups.values(), key=len, reverse=True)
    fewest = max(1.0, len(addresses) * _FEWEST_SHARE)
    return [group for group in ranked if len(group) >= fewest][:_MOST_FORMS]


def _address(path: str) -> _Address | None:
    segments = path.strip("/").split("/")
    if not segments[-1]:
        return None
    extension = _EXTENSION.search(segments[-1])
    ending = extension[0] if extension else ""
    segments[-1] = segments[-1].removesuffix(ending)
    return _Address(tuple(segments), ending, "".join(_kinds(segments)))


def _kinds(segments: Sequence[str]) -> Iterator[str]:
    year = False
    for segment in segments:
        if not (segment.isascii() and segment.isdigit()):
            year = False
            yield "W"
        elif re.fullmatch(r"(?:19|20)\d\d", segment):
            year = True
            yield "Y"
        else:
            yield "M" if year and len(segment) <= 2 else "N"


# -- the pattern of one form -----------------------------------------------------------------------


def _form_pattern(form: list[_Address], foreign: Collection[str], *, is_only: bool) -> str:
    """Return the most general pattern of the form that matches no other address.

    If none does, the one that matches the fewest.
    """
    candidates = list(_candidates(form, foreign, is_only=is_only))
    return min(candidates, key=lambda one: sum(1 for path in foreign if re.search(one, path)))


def _candidates(form: list[_Address], foreign: Collection[str], *, is_only: bool) -> Iterator[str]:
    """Yield patterns of the form, the best first."""
    last = len(form[0].segments) - 1
    number = _number_at(form)
    ending = f"{re.escape(form[0].extension)}/?$"
    if number is None:
        ends = [f"{one}{ending}" for one in _last_segments(form, is_only=is_only)]
    else:
        named = r"(?P<number>\d+)" if is_only else r"\d+"
        ends = [f"{named}(?:/|$)" if number < last else f"{named}{ending}"]
    starts = list(_starts(form, last if number is None else number, foreign, is_only=is_only))
    yield from (f"{start}{end}" for start in starts for end in ends)
    for plain in (f"{start}{end}" for start in starts for end in ends):
        taken = sorted(path.strip("/") for path in foreign if re.search(plain, path))
        if taken and len(taken) <= _MOST_WORDS:
            yield f"^/(?!{_either(taken)}/?$){plain.removeprefix('^/')}"


def _starts(
    form: list[_Address], before: int, foreign: Collection[str], *, is_only: bool
) -> Iterator[str]:
    """Yield patterns for the folders before a position.

    Of few folders that many articles have each is named; of others those are, that have none.
    """
    folders = [_folder(form, position, is_only=is_only) for position in range(before)]
    words = sorted({one.segments[0] for one in form})
    anyone = "".join(f"{one}/" for one in folders)
    if not folders or folders[0] != _ANY:
        yield f"^/{anyone}"
        return
    rest = anyone.removeprefix(_ANY)
    first = {path.strip("/").split("/")[0] for path in foreign if path.strip("/").count("/")}
    without = (
        f"^/(?!{_either(sorted({*first, *NO_ARTICLES} - set(words))[: _MOST_WORDS * 2])}/){anyone}"
    )
    if len(words) > _MOST_WORDS:
        yield without
        return
    named = f"^/{_either(words)}{rest}"
    yield from (named, without) if _are_all(words, form) else (without, named)


def _are_all(words: Sequence[str], form: Sequence[_Address]) -> bool:
    """Return whether so many articles have these folders that there is hardly another one."""
    return len(words) <= _FEW_FOLDERS and len(form) >= _MANY


def _number_at(form: list[_Address]) -> int | None:
    """Return the position of a segment that is each article's own number."""
    for position, kind in enumerate(form[0].kinds):
        if kind == "N" and len({one.segments[position] for one in form}) == len(form) > 1:
            return position
    return None


def _folder(form: list[_Address], position: int, *, is_only: bool) -> str:
    kind = form[0].kinds[position]
    if kind != "W":
        return {"Y": r"\d{4}", "M": r"\d{1,2}", "N": r"\d+"}[kind]
    words = sorted({one.segments[position] for one in form})
    if is_only and len(words) > 1 and any(word in KINDS for word in words):
        return f"(?P<kind>{'|'.join(map(re.escape, words))})"
    return re.escape(words[0]) if len(words) == 1 and len(form) > 1 else _ANY


def _last_segments(form: list[_Address], *, is_only: bool) -> Iterator[str]:
    """Yield patterns for the last segment without its extension, the most general first."""
    stems = [one.stem for one in form]
    named = r"(?P<number>\d+)" if is_only else r"\d+"
    if _are_numbered(stems, _NUMBER_AT_END):
        yield rf"[^/]*[-_]{named}"
    elif _are_numbered(stems, _NUMBER_AT_START):
        yield rf"{named}[-_][^/]+"
    elif len(form[0].segments) > 1:
        yield "[^/]+"
    hyphens = min(stem.count("-") for stem in stems)
    if hyphens >= _NAMED_WORDS:
        yield rf"[^/-]+(?:-[^/-]*){{{_NAMED_WORDS},}}"
    elif hyphens:
        yield r"[^/-]+-[^/]+"
    if len(form[0].segments) == 1:
        yield "[^/]+"


def _are_numbered(stems: list[str], pattern: re.Pattern[str]) -> bool:
    found = [match[1] for stem in stems if (match := pattern.search(stem))]
    return len(found) == len(stems) == len(set(found)) and len(stems) > 1


def _either(words: Iterable[str]) -> str:
    escaped = [re.escape(word).replace(r"\-", "-") for word in words]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def _words_of_group_kind(pattern: str) -> list[str]:
    found = re.search(r"\(\?P<kind>([^()]*)\)", pattern)
    return [] if found is None else found[1].split("|")
