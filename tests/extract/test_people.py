"""People on pages without rules: lines that name them, what is a name, where a name ends."""

import pytest

from newsbot.extract.date_labels import is_date_line, is_update_date
from newsbot.extract.generic.byline_labels import (
    ends_with_photo_label,
    labelled_people,
    main_authors,
    signers,
)
from newsbot.extract.generic.names import names_in, split_all_names, unique_names

# ruff: noqa: E501 - tables of examples read better in rows


@pytest.mark.parametrize(
    ("line", "names", "counter"),
    [
        ("By Maya Lindqvist and Tom O'Hara", ["Maya Lindqvist", "Tom O'Hara"], "By Tuesday evening the road was open"),
        ("Von Anna Martel und Lea Wagner", ["Anna Martel", "Lea Wagner"], "Von heute an gilt das neue Gesetz"),
        ("Par Jeanne Morel et Luc Petit (avec AFP)", ["Jeanne Morel", "Luc Petit"], "Par la fenêtre ouverte"),
        ("Por María López y José Ortega", ["María López", "José Ortega"], "Por primera vez en diez años"),
        ("di Giulia Bianchi e Marco Rossi", ["Giulia Bianchi", "Marco Rossi"], "Di Indonesia Timur"),
        ("Door Jan de Vries en Piet van Dam", ["Jan de Vries", "Piet van Dam"], "Door de storm vielen bomen om"),
        ("Oleh Nur Aisyah Rahman", ["Nur Aisyah Rahman"], "Oleh karena itu harga naik"),
        ("Автор: Иван Петров", ["Иван Петров"], "Автор книги живёт в Москве"),
        ("Muhabir: Ayşe Yılmaz", ["Ayşe Yılmaz"], "Muhabir dün akşam konuştu"),
        ("(责编：王五、赵六)", ["王五", "赵六"], "责编介绍了这本书的历史"),
        ("本报记者 张三 李四", ["张三", "李四"], "记者在现场看到，道路已经开通，车辆有序通行，秩序良好。"),
        ("Penulis: Siti Rahma | Editor: Joko", ["Siti Rahma"], "Penulis novel itu hadir"),
        ("(Reporting by Ann Lee; Editing by Bo Ek)", ["Ann Lee"], "Reporting by day, writing by night"),
        ("Par David Morel Publié le 06/01/2026 - 14:16", ["David Morel"], "Publié le 06/01/2026"),
        ("Übersetzung und Adaptierung: AFP Deutschland", ["AFP Deutschland"], "Übersetzung des Romans erscheint"),
    ],
)  # fmt: skip
def test_a_line_names_its_writers_and_a_sentence_nobody(
    line: str, names: list[str], counter: str
) -> None:
    assert [one.name for one in main_authors(labelled_people(line))] == names
    assert main_authors(labelled_people(counter)) == []


def test_roles_follow_their_labels() -> None:
    found = labelled_people("Story by Maya Lind; photographs by Greg Picture | Editor: Bo")
    assert [(one.name, one.role) for one in found] == [
        ("Maya Lind", "reporter"), ("Greg Picture", "photographer"), ("Bo", "editor"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Agence France-Presse, CHARLESTON, South Carolina", ["Agence France-Presse"]),
        ("Maya Lind, harbour.com", ["Maya Lind"]),
        ("MAYA LIND, TOM HALE", ["MAYA LIND", "TOM HALE"]),
        ("Maya Lind, Staff Writer", ["Maya Lind"]),
        ("Guardian Staff", ["Guardian Staff"]),
        ("Maya Lind | Updated March 5, 2026", ["Maya Lind"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Latest News", []),
        ("the harbour road", []),
    ],
)
def test_names_end_where_something_else_begins(text: str, names: list[str]) -> None:
    assert names_in(text, strict=True) == names


def test_names_are_parted_and_told_once() -> None:
    assert split_all_names("張三、李四") == ["張三", "李四"]
    assert unique_names(["MAYA LIND", "Maya Lind", "Tom Hale"]) == ["Maya Lind", "Tom Hale"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Anna Martel", ["Anna Martel"]),
        ("(Siti Rahma/Joko)", ["Siti Rahma", "Joko"]),
        ("IN-Redaktion", ["IN-Redaktion"]),
        ("Das Gesetz tritt morgen in Kraft.", []),
        ("무단전재 및 재배포금지", []),
        ("Read more: Harbour Road", []),
    ],
)
def test_a_signature_is_a_name_and_nothing_else(line: str, names: list[str]) -> None:
    assert [one.name for one in signers(line)] == names


def test_what_stands_before_a_name_can_make_it_a_photographers() -> None:
    assert ends_with_photo_label("; photographs by")
    assert ends_with_photo_label("Foto:")
    assert not ends_with_photo_label("Story by")


def test_publication_and_update_are_told_apart() -> None:
    assert is_update_date("Zuletzt aktualisiert am")
    assert not is_update_date("Erstellt am 3.3., aktualisiert am 5.3.")


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("Publié le 3 mars 2026 à 18h30, mis à jour le 4 mars 2026 à 09h00", True),
        ("Selasa, 3 Maret 2026 18:30 WIB", True),
        ("2026年3月3日 18時30分", True),
        ("On 3 March 2026 the council voted", False),
        ("Harbour road", False),
    ],
)
def test_a_line_of_dates_is_no_story(line: str, *, is_one: bool) -> None:
    assert is_date_line(line) is is_one
