"""The address that a URL is fetched under: as it was linked, beside the canonical one."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; URLs seen before are fetched as until now."""
    op.add_column("urls", sa.Column("address", sa.Text))
