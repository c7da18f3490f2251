"""Next checks and failures; locations of articles and payloads; events gone and back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and table; URLs fetched before are due at once, as they have no next check."""
    with op.batch_alter_table("urls") as urls:
        urls.add_column(sa.Column("failure", sa.String(9)))
        urls.add_column(sa.Column("next_check", sa.DateTime))
        urls.drop_index("urls_by_state")
        urls.create_index("urls_by_state", ["site", "state", "next_check"])
    op.execute("UPDATE urls SET next_check = first_seen WHERE state <> 'pending'")
    op.add_column("captures", sa.Column("following", sa.JSON))
    op.add_column("payloads", sa.Column("offset", sa.BigInteger))
    op.add_column("payloads", sa.Column("length", sa.BigInteger))
    op.add_column("articles", sa.Column("extractor", sa.String(32)))
    op.add_column("articles", sa.Column("rules", sa.String(12)))
    op.add_column("articles", sa.Column("pages", sa.JSON))
    op.create_table(
        "url_events",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("time", sa.DateTime, primary_key=True),
        sa.Column("event", sa.String(16), primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
    )
