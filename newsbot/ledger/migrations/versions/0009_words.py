"""Words have 32 bits: copies are searched among the texts that land from now on.

The texts themselves are in the store; ``newsbot recover --rebuild-ledger`` reads them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Delete the index of texts."""
    op.execute(sa.text("DELETE FROM shingles"))
    op.execute(sa.text("DELETE FROM texts"))
