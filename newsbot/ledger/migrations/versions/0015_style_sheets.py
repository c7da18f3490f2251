"""Captures of style sheets say what these name."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column; a sheet without it is asked for without conditions."""
    op.add_column("captures", sa.Column("requisites", sa.JSON))
