"""URL patterns whose pages had an article only in a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "renderings",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("pattern", sa.Text, primary_key=True),
        sa.Column("needed", sa.Boolean, nullable=False),
        sa.Column("tried", sa.DateTime, nullable=False),
    )
