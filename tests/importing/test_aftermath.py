"""What an import leaves as it is: alarms, the schedule, and the links of copies."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from newsbot.alarms.inputs import last_finished, runs_of, starts_of
from newsbot.ledger.attempts import History
from newsbot.ledger.copies.links import forget_older
from newsbot.ledger.schema import copies
from tests.importing.conftest import Place
from tests.importing.made import DATA
from tests.importing.records import response, write
from tests.importing.site import page_of

PATH = "/2025/02/03/banjir-surut"
URL = f"https://berita.example{PATH}"


def test_it_is_no_crawl_for_alarms_and_schedules(place: Place) -> None:
    place.add(DATA / "wget.warc.gz")
    now = datetime.now(UTC)
    ledger = place.ledger()
    assert runs_of(ledger, "berita", now) == starts_of(ledger, "berita", now) == []
    assert last_finished(ledger, "berita") is None
    assert History(ledger).attempts(["berita"], 5, now + timedelta(days=1)) == {"berita": []}
    (past,) = History(ledger).newest("berita")
    assert (past.outcome, past.exit_status, past.landed) == ("imported", 0, True)
    ledger.close()


def test_links_of_the_newest_revision_outlive_an_older_capture(
    place: Place, tmp_path: Path
) -> None:
    for day, edit in ((20, 2), (10, 1)):
        page = page_of(PATH, "berita.example", edit) or b""
        found = response(URL, page, f"2025-03-{day}T08:00:00Z")
        place.add(write(tmp_path / f"{day}.warc.gz", found))
    ledger = place.ledger()
    link = {
        "copy": URL, "original": "https://lain.example/a", "revision": 1, "run": "x",
        "method": "link", "evidence": "",
    }  # fmt: skip
    with ledger.transaction() as connection:
        connection.execute(insert(copies).values(link))
        forget_older(connection, [URL])
        assert len(connection.execute(select(copies)).all()) == 1
    ledger.close()
