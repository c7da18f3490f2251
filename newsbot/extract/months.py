"""Names of months in the languages most read, and of weekdays in Indonesian and English."""

import unicodedata
from typing import Final

# Arabic by its three traditions; Chinese, Japanese, Korean and Vietnamese number their months.
_NAMES: Final = {
    1: (
        "januari january jan jän janv enero ene gennaio gen januar jänner janvier janeiro января"
        " январь янв ocak oca stycznia styczeń sty"
        " ledna січня يناير جانفي كانون_الثاني جنوری ژانویه"
        " जनवरी জানুয়ারি জানুয়ারী"
    ),
    2: (
        "februari february feb pebruari peb febuari fév févr février febrero februar febbraio"
        " fevereiro fev февраля февраль фев şubat şub lutego luty lut února лютого"
        " فبراير فيفري شباط"
        " فروری فوریه फ़रवरी ফেব্রুয়ারি ফেব্রুয়ারী"
    ),
    3: (
        "maret march mar mrt mars märz marzo mär mac maart março марта март мар mart marca marzec"
        " března березня مارس آذار مارچ मार्च মার্চ"
    ),
    4: (
        "april apr avril avr abril abr aprile апреля апрель апр nisan nis kwietnia kwiecień"
        " kwi dubna"
        " квітня أبريل أفريل نيسان اپریل آوریل अप्रैल এপ্রিল"
    ),
    5: (
        "mei may mai mayo maggio mag maio maj мая май mayıs maja května травня مايو ماي أيار مئی"
        " मई মে"
    ),
    6: (
        "juni june jun juin junio giugno giu junho июня июнь июн haziran haz czerwca czerwiec cze"
        " června червня يونيو يونيه جوان حزيران جون ژوئن जून জুন"
    ),
    7: (
        "juli july jul juillet juil julio luglio lug julai julho июля июль июл temmuz tem lipca"
        " lipiec lip července липня يوليو يوليه جويلية تموز جولائی ژوئیه जुलाई জুলাই"
    ),
    8: (
        "agustus august agu ags agt aug agus agst août agosto ago ogos augustus augusti августа"
        " август авг ağustos ağu sierpnia sierpień sie srpna серпня أغسطس أوت آب اگست अगस्त আগস্ট"
    ),
    9: (
        "september sept sep septembre septiembre setiembre settembre set setembro сентября сентябрь"
        " сен сент eylül eyl września wrzesień wrz září вересня سبتمبر أيلول ستمبر سپتامبر सितंबर"
        " सितम्बर সেপ্টেম্বর"
    ),
    10: (
        "oktober october okt oct octobre octubre ottobre ott outubro out октября октябрь окт ekim"
        " eki października październik paź října жовтня أكتوبر تشرين_الأول اکتوبر اکتبر अक्टूबर अक्तूबर"
        " অক্টোবর"
    ),
    11: (
        "november nopember nov nop novembre noviembre novembro"
        " ноября ноябрь ноя kasım kas listopada"
        " listopad lis listopadu листопада نوفمبر تشرين_الثاني نومبر نوامبر नवंबर नवम्बर নভেম্বর"
    ),
    12: (
        "desember december des dec dez dezember décembre déc diciembre dic dicembre disember"
        " dezembro декабря декабрь дек aralık ara grudnia grudzień gru prosince грудня ديسمبر"
        " كانون_الأول دسمبر دسامبر दिसंबर दिसम्बर ডিসেম্বর"
    ),
}
_WEEKDAYS: Final = (
    "senin mon monday", "selasa tue tues tuesday", "rabu wed wednesday",
    "kamis thu thur thurs thursday", "jumat jum'at fri friday", "sabtu sat saturday",
    "minggu ahad sun sunday",
)  # fmt: skip
_DIGITS: Final = str.maketrans(
    "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯０１２３４５６７８９", 5 * "0123456789"
)
WORD: Final = r"[^\s\d.,:;/|()_-]{2,14}(?: (?:الثاني|الأول))?"
"""A pattern for what may be the name of a month: its number is asked for with ``month_number``."""


def month_number(word: str) -> int | None:
    """Return the number of the month with this name, in any case, with or without accents."""
    return _NUMBERS.get(_folded(word))


def weekday_number(word: str) -> int | None:
    """Return the number of a weekday in Indonesian or English: 0 is Monday."""
    return _WEEKDAY_NUMBERS.get(word.lower().replace("’", "'"))


def with_ascii_digits(text: str) -> str:
    """Return the text with the digits of Arabic, Persian, Hindi and Bengali as 0 to 9."""
    return text if text.isascii() else text.translate(_DIGITS)


def _folded(word: str) -> str:
    """Return a word in lower case without accents; Turkish has two letters for each "i"."""
    letters = unicodedata.normalize("NFKD", word.lower()).replace("ı", "i")
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


_NUMBERS: Final = {
    _folded(name.replace("_", " ")): number
    for number, names in _NAMES.items()
    for name in names.split()
}
_WEEKDAY_NUMBERS: Final = {
    name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()
}
