"""Is this a new revision of an article? Only where the publisher changed it, not where we did."""

from newsbot.ledger.ingest import text_sha256
from newsbot.ledger.landed import KnownArticle
from newsbot.models import Article, Revision


def is_read_otherwise(known: KnownArticle, article: Article) -> bool:
    """Whether other code or rules read the known revision, so that the two cannot be compared.

    Where both say the same, or nobody knows who read the known one, there is nothing to ask.
    """
    if known.content_sha256 == article.content_sha256 or known.extractor is None:
        return False
    now = article.extractor
    return (known.extractor, known.rules) != (now.version, now.rules)


def revision_of(
    article: Article, known: KnownArticle | None, before: Article | None
) -> Revision | None:
    """The revision that the article is; None where it says what the known one says.

    Args:
        article: as read now.
        known: the newest landed revision.
        before: the capture of that revision as read by the code and rules of now, if others were
            used then.
    """
    if known is None:
        return Revision(number=1)
    title, text, digest = known.title, known.text_sha256, known.content_sha256
    if before is not None:
        title, text, digest = before.title, text_sha256(before.text), before.content_sha256
    if article.content_sha256 == digest:
        return None
    changed = {"title": article.title != title, "text": text_sha256(article.text) != text}
    return Revision(
        number=known.revision + 1,
        previous_sha256=known.content_sha256,
        changed=tuple(name for name, has in changed.items() if has),
    )
