"""Shingles have other numbers: those of all texts are made again from their words."""

from alembic import op

from newsbot.ledger.copies.index import index_anew

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the index of texts again."""
    index_anew(op.get_bind())
