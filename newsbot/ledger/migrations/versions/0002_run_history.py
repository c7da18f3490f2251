"""What the history of runs says beyond the manifest; who holds a site's lock across hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table."""
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("reasons", sa.JSON))
        runs.add_column(sa.Column("partial", sa.Boolean))
        runs.add_column(sa.Column("due", sa.DateTime))
        runs.add_column(sa.Column("host", sa.String(255)))
        runs.add_column(sa.Column("pid", sa.Integer))
    op.create_table(
        "locks",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("heartbeat", sa.DateTime, nullable=False),
    )
