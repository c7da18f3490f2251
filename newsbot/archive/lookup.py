"""Finds what is kept of one article, and its record in the store."""

from dataclasses import dataclass
from typing import Any

from newsbot.archive.snapshots import list_runs
from newsbot.config import Config
from newsbot.errors import NewsbotError, ObjectMissing
from newsbot.extract import canonical_url
from newsbot.landing.spool import GzipLines
from newsbot.layout import RunRef
from newsbot.sites.site import Site, load_sites
from newsbot.stores.opening import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """An article line and the run that holds it."""

    ref: RunRef
    article: dict[str, Any]


def find_article(url: str, config: Config, store: Store) -> Kept:
    """The newest kept line of the article at this URL; a reprocessed one goes before its source.

    Raises:
        NewsbotError: nothing of it is kept.
    """
    owner: Site | None = None
    if config.seeds_folder.is_dir():
        owner = load_sites(config.seeds_folder).owner(url)
    wanted = {url, canonical_url(url, owner)}
    newest = sorted(
        list_runs(store, owner.name if owner else None), key=lambda ref: ref.run, reverse=True
    )
    for ref in newest:
        for article in GzipLines(store.get(f"{ref.prefix}articles.jsonl.gz")):
            if wanted & {article["canonical_url"], article["url"], article["id"]}:
                return Kept(ref, article)
    raise NewsbotError(f"{url}: nothing of it is kept in {store.url}")


def raw_record(store: Store, kept: Kept) -> bytes:
    """The WARC record (decompressed) of the article's page, with one range read.

    Raises:
        NewsbotError: the record is not where the article says.
    """
    from isal import isal_zlib

    source = kept.article["sources"][0]
    name = f"{kept.ref.of_source().prefix}warc/{source['file']}"
    try:
        member = store.get_range(name, source["offset"], source["length"])
        return isal_zlib.decompress(member, wbits=31)
    except (ObjectMissing, isal_zlib.IsalError) as error:  # type: ignore[misc]  # its stub
        raise NewsbotError(
            f"{store.url}/{name}: no record at {source['offset']}: {error}; `newsbot verify "
            f"{kept.ref.run}` says more"
        ) from error
