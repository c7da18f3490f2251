"""Tables to find copies: texts, shingles, copies, replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables; ``recover --rebuild-ledger`` adds texts that landed before."""
    op.create_table(
        "texts",
        sa.Column("doc", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("fetched_at", sa.DateTime, nullable=False),
        sa.Column("published_at", sa.DateTime),
        sa.Column("day_only", sa.Boolean, nullable=False),
        sa.Column("credit", sa.Text),
        sa.Column("original_url", sa.Text),
        sa.Column("words", sa.LargeBinary, nullable=False),
    )
    op.create_index("texts_by_age", "texts", ["fetched_at"])
    op.create_table(
        "shingles",
        sa.Column("shingle", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("doc", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copies",
        sa.Column("copy", sa.Text, primary_key=True),
        sa.Column("original", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("method", sa.String(8), nullable=False),
        sa.Column("similarity", sa.Float),
        sa.Column("altered", sa.Boolean),
        sa.Column("evidence", sa.Text, nullable=False),
    )
    op.create_index("copies_by_original", "copies", ["original"])
    op.create_table(
        "replaced",
        sa.Column("copy", sa.Text, primary_key=True),
        sa.Column("original", sa.Text, primary_key=True),
        sa.Column("run", sa.String(32), nullable=False),
    )
