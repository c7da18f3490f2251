"""A new ledger is made at once, an old one by its migrations: both come out the same."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect

from newsbot.ledger import Ledger, database


def shape(path: Path) -> dict[str, Any]:
    """Columns, keys and indexes of every table."""
    engine = create_engine(f"sqlite:///{path}")
    found = inspect(engine)
    tables = {
        table: (
            sorted(
                (column["name"], str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
            ),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(
                (str(index["name"]), index["column_names"], index["unique"])
                for index in found.get_indexes(table)
            ),
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }
    engine.dispose()
    return tables


def test_a_new_ledger_is_what_the_migrations_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, migrated = tmp_path / "made.sqlite", tmp_path / "migrated.sqlite"
    Ledger.open(f"sqlite:///{made}").close()
    monkeypatch.setattr(database, "_create", database._upgrade)
    Ledger.open(f"sqlite:///{migrated}").close()
    assert len(shape(made)) > 5
    assert shape(made) == shape(migrated)
    monkeypatch.undo()
    Ledger.open(f"sqlite:///{made}").close()  # and is not made again
