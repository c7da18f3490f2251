"""New kind of shingles: the table is emptied (0009 empties that of the texts too)."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Delete all shingles."""
    op.execute(sa.text("DELETE FROM shingles"))
