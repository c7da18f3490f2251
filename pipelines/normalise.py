"""The first pipeline: one spelling for characters and spaces that have several."""

from newsbot.extract.normalise import normalise
from newsbot.models import Article


class NormalisePipeline:
    """Normalises each article with ``newsbot.extract.normalise``."""

    def process_item(self, item: Article) -> Article:
        """Return the article in Unicode NFC with collapsed white space and a matching digest."""
        return normalise(item)
