"""First: one spelling for what can be spelled in several ways, and no item without a URL."""

from newsbot.extract.normalise import normalise
from newsbot.models import Article


class NormalisePipeline:
    """Hands each article to ``newsbot.extract.normalise``."""

    def process_item(self, item: Article) -> Article:
        """Return the article in Unicode NFC, white space collapsed, digest to match."""
        return normalise(item)
