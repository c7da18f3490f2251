"""A canonical link is believed only where it leads to the same story."""

from newsbot.ledger import Ledger
from newsbot.ledger.dedupe import Deduper
from newsbot.models import Article, Link
from newsbot.sites.loading import Sites
from tests.ledger.placing import BEGINNING, article, place

PAGE = "https://warta.example/berita/{}/judul"
TEXTS = {
    1: "Warga desa menanam dua ribu bibit bakau di pesisir utara pada Sabtu pagi bersama para "
    "pelajar dan petugas kehutanan dari kabupaten itu.",
    2: "Kepala desa mengatakan penanaman itu akan diulang setiap tiga bulan sampai seluruh garis "
    "pantai tertutup kembali oleh pohon muda yang kuat.",
    3: "Bibit disumbangkan oleh kelompok tani setempat, sedangkan pemerintah kabupaten menyediakan "
    "perahu, makan siang dan sarung tangan bagi semua peserta.",
}


def claiming(number: int, text: str | None = None, canonical: int = 1) -> Article:
    """Return the article of a page whose canonical link leads to another page."""
    made = article(PAGE.format(number), text or TEXTS[number])
    return made.model_copy(update={"canonical_url": PAGE.format(canonical)})


def test_other_stories_are_not_believed_to_be_the_known_one(ledger: Ledger) -> None:
    place(ledger, [article(PAGE.format(1), TEXTS[1])])
    deduper = Deduper(ledger, Sites(()))
    assert not deduper.believes_canonical(claiming(2), PAGE.format(2))
    assert deduper.believes_canonical(claiming(2, TEXTS[1]), PAGE.format(2))
    edited = claiming(2, TEXTS[1].replace("Sabtu pagi", "Minggu pagi"))
    edited = edited.model_copy(update={"title": article(PAGE.format(1), "").title})
    assert deduper.believes_canonical(edited, PAGE.format(2))
    deduper.close()


def test_it_is_believed_where_nothing_speaks_against_it(ledger: Ledger) -> None:
    deduper = Deduper(ledger, Sites(()))
    assert deduper.believes_canonical(claiming(2), PAGE.format(2))
    deduper.classify(claiming(2), None)
    assert not deduper.believes_canonical(claiming(3), PAGE.format(3)), "another story in this run"
    deduper.close()


def test_the_story_of_a_page_that_is_yet_to_come_is_kept_once(ledger: Ledger) -> None:
    ledger.add_urls("warta", {PAGE.format(1): Link(PAGE.format(1))}, None, BEGINNING)
    for text, classification in ((TEXTS[1], "duplicate"), (TEXTS[3], "new")):
        deduper = Deduper(ledger, Sites(()))
        assert not deduper.believes_canonical(claiming(2, TEXTS[1]), PAGE.format(2))
        deduper.classify(article(PAGE.format(2), TEXTS[1]), None)
        found = deduper.classify(article(PAGE.format(1), text), None)
        assert found.classification == classification
        deduper.close()


def test_what_was_stored_as_a_story_of_its_own_stays_one(ledger: Ledger) -> None:
    place(ledger, [article(PAGE.format(2), TEXTS[2])])
    deduper = Deduper(ledger, Sites(()))
    assert not deduper.believes_canonical(claiming(2), PAGE.format(2))
    deduper.close()
