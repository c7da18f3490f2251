"""Aliases of canonical URLs, learned from redirects and canonical links."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table; it fills as pages are fetched."""
    op.create_table(
        "aliases",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("canonical_url", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
    )
    op.create_index("aliases_by_canonical", "aliases", ["canonical_url"])
