"""Hints of the feed or list that named a URL, for the crawl that fetches it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column; URLs seen before have no hints."""
    op.add_column("urls", sa.Column("hints", sa.Text))
