"""Names in bylines that are not those of people: agencies, teams and desks, handles, sites."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from newsbot.models import Author

AGENCIES: Final = (
    r"AA|AFP|AP|ANTARA|Anadolu(?: Agency| Ajansi)?|Associated Press|Bernama|BBC|CCTV\+?|CGTN|CNA"
    r"|CNN|DPA|EFE|IRNA|Interfax|Kyodo(?: News)?|KCNA|MENA|OANA|PA Media|PNA|PRNewswire"
    r"|Philippine News Agency|Press TV|Reuters|RIA Novosti|SANA|SPA|Sputnik(?:-OANA)?"
    r"|TASS|VNA|VOA|WAFA|WAM|Xinhua|Yonhap"
)
"""Agencies that credits name, as a part of a pattern that ignores case."""
_MORE_AGENCIES: Final = (
    r"Agence France[- ]Presse|Anadolu Ajansı|ANI|ANSA|APA|Antara ?(?:News|Foto|TV)?|(?:The )?"
    r"Associated Press|Bloomberg|ČTK|ČT24|Deutsche Presse-Agentur|Dow Jones|EPA|epd|Europa Press"
    r"|Getty Images|IANS|JIJI(?: Press)?|KNA|Lusa|NTB|PA|PTI|Ritzau|SID|TT|UPI|Wire(?:s| Service)"
    r"|AFP Deutschland|dpa-infocom|detikcom|Tribunnews|JPNN"
)
_KNOWN = re.compile(  # by case: Ani, Wafa and Sana are also first names
    rf"(?:(?:{AGENCIES}|{_MORE_AGENCIES})(?:\s?[/,-]\s?(?:{AGENCIES}))*)"
    r"|dpa|afp|ap|epd|ntb|[Aa]ntara(?:news)?(?:\.com)?|reuters|REUTERS|XINHUA|ANADOLU|xinhua|anadolu"
    r"|(?:CNN|CNBC|BBC|VOA|DW|Tribun|Kompas|Detik|Okezone|Tempo|Sindo|Republika)(?: [A-Z]\w+)?"
)
_HANDLE = re.compile(r"@\w[\w.]{1,40}|u/\w[\w-]{1,30}")
_SITE = re.compile(
    r"[\w-]{2,30}(?:\.[\w-]{2,30})?\.(?:com|co|net|org|id|co\.\w\w|news|tv|info|de|fr)"
)
# Words of which one makes a name that of a team: no family names, and whole words only.
_TEAM = re.compile(
    r"\b(?:(?:team|équipe|equipo) \w|(?:staff|team|newsroom|desk|bureau|biro|humas)$|redaksi"
    r"|redaktion|rédaction|redacción|redazione|redactie|redaksjonen|redakce|editorial board"
    r"|editors$|staff (?:writers?|reporters?)$|news (?:agency|service|desk|staff|team|bureau)"
    r"|(?:press|wire) (?:agency|service|office|release)|agency$|agence |agentur$|kantor berita"
    r"|correspondents$|contributors$|editorial$|admin(?:istrator)?$|newswires?$)",
    re.IGNORECASE,
)
# "Tim" is a team in Indonesian, and a first name elsewhere.
_TIM = re.compile(
    rf"Tim (?:Redaksi|Liputan|Cek Fakta|JACX|Gabungan|Media|Humas|Editor|Pewarta|Litbang|Riset"
    rf"|Digital|Foto|Berita|Penulis|Kreatif|Khusus|Okezone|detik\w*|(?:{AGENCIES}|{_MORE_AGENCIES}))"
    r"(?:[.\s].{1,30})?"
)
_TEAM_BY_CASE = re.compile(
    r"(?:^|\s)(?:\w+(?:News|Media|Online|Health|Sport|TV)|[\w-]+ (?:News|TV|Sport))$"
)


def is_organisation(name: str) -> bool:
    """Return whether a name is that of an agency, a team or desk, a site or an account."""
    return any(pattern.fullmatch(name) for pattern in (_KNOWN, _HANDLE, _SITE, _TIM)) or bool(
        _TEAM.search(name) or _TEAM_BY_CASE.search(name)
    )


def with_roles(authors: Iterable[Author], site_names: Collection[str]) -> tuple[Author, ...]:
    """Return the authors, those that are no people in the role of an agency, each once.

    Args:
        site_names: names of the site, in lower case.
    """
    told = (
        one.model_copy(update={"role": "agency"})
        if is_organisation(one.name) or one.name.casefold() in site_names
        else one
        for one in authors
    )
    return tuple(dict.fromkeys(told))
