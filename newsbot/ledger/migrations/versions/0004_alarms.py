"""Alarms, the notices about them, and samples of free disk space."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create alarms, notices and samples."""
    op.create_table(
        "alarms",
        sa.Column("alarm", sa.String(128), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("opened", sa.DateTime, nullable=False),
        sa.Column("closed", sa.DateTime),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    is_open = sa.text("closed IS NULL")
    op.create_index(
        "alarms_open_once",
        "alarms",
        ["kind", "site"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("alarms_by_site", "alarms", ["site", "kind", "opened"])
    op.create_table(
        "notices",
        sa.Column("alarm", sa.String(128), primary_key=True),
        sa.Column("event", sa.String(8), primary_key=True),
        sa.Column("target", sa.String(16), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("delivered", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt", sa.DateTime, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_index("notices_waiting", "notices", ["delivered", "next_attempt"])
    op.create_table(
        "samples",
        sa.Column("host", sa.String(255), primary_key=True),
        sa.Column("folder", sa.String(512), primary_key=True),
        sa.Column("at", sa.DateTime, primary_key=True),
        sa.Column("free", sa.BigInteger, nullable=False),
    )
