"""The credit at the end of a caption: who took the picture, for which agency."""

import re

# "(ANTARA FOTO/Budi Setya)" or "… ANTARA/Istimewa" at the end of a caption.
_CREDIT = re.compile(
    r"\s*(?:\(\s*(?P<inner>(?:Foto:\s*)?(?:ANTARA|Antara|HO|Dok|REUTERS|Reuters|AFP|Xinhua|Anadolu|AP)\b[^()]{0,80})\)"
    r"|(?P<bare>ANTARA(?:\s?FOTO|\s?PHOTO)?\s?/\s?[^()]{2,80}))[\s.]*$"
)


def split_credit(caption: str) -> tuple[str | None, str | None]:
    """A caption without the credit at its end, and the credit without its brackets."""
    match = _CREDIT.search(caption)
    if match is None:
        return caption or None, None
    credit = (match["inner"] or match["bare"]).strip(" .")
    return caption[: match.start()].strip() or None, credit
