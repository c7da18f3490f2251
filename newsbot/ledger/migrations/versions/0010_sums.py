"""New numbers of shingles: existing indexes are rebuilt from the words of their texts."""

from alembic import op

from newsbot.ledger.copies.index import rebuild_index

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Rebuild the index of texts."""
    rebuild_index(op.get_bind())
