"""Other shingles find copies: the table is made again from the texts."""

from array import array

import sqlalchemy as sa
from alembic import op

from newsbot.ledger.words import kept_of, shingles_of

revision = "0008"
down_revision = "0007"
_ADD = sa.text("INSERT INTO shingles (shingle, doc) VALUES (:shingle, :doc)")


def upgrade() -> None:
    """Empty the table and fill it again."""
    op.execute(sa.text("DELETE FROM shingles"))
    connection = op.get_bind()
    for doc, kept in connection.execute(sa.text("SELECT doc, words FROM texts")).all():
        words = array("H", kept)
        rows = [{"shingle": one, "doc": doc} for one in kept_of(len(words), shingles_of(words))]
        if rows:
            connection.execute(_ADD, rows)
