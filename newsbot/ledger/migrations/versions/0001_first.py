"""The first tables: runs, urls, captures, payloads, articles, walks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "runs",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("finished", sa.DateTime),
        sa.Column("outcome", sa.String(16)),
        sa.Column("exit_status", sa.Integer),
        sa.Column("prefix", sa.Text),
        sa.Column("manifest_sha256", sa.String(64)),
        sa.Column("counts", sa.JSON),
    )
    op.create_index("runs_by_site", "runs", ["site", "started"])
    op.create_table(
        "urls",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("first_seen", sa.DateTime, nullable=False),
        sa.Column("discovered_from", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index("urls_by_state", "urls", ["site", "state"])
    op.create_table(
        "captures",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("fetched_at", sa.DateTime, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("record_id", sa.String(64), nullable=False),
        sa.Column("record_date", sa.DateTime, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("payload_digest", sa.String(64)),
    )
    op.create_table(
        "payloads",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("record_id", sa.String(64), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("date", sa.DateTime, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "articles",
        sa.Column("canonical_url", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("fetched_at", sa.DateTime, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("original_url", sa.Text),
    )
    op.create_index("articles_by_id", "articles", ["article_id"])
    op.create_index("articles_by_content", "articles", ["content_sha256"])
    op.create_index("articles_by_original", "articles", ["original_url"])
    op.create_table(
        "walks",
        sa.Column("list_url", sa.Text, primary_key=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("completed", sa.DateTime, nullable=False),
    )
