"""Captures name the payload instead of their own record; requisites that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Replace the columns; payloads are found by the digest of the record. Create the table."""
    op.add_column("captures", sa.Column("payload_sha256", sa.String(64)))
    op.add_column("captures", sa.Column("pictures", sa.JSON))
    op.create_table(
        "requisites",
        sa.Column("site", sa.String(64), primary_key=True),
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
    )
    op.create_index("requisites_by_age", "requisites", ["site", "since"])
    op.create_index("payloads_by_digest", "payloads", ["digest"])
    op.execute(
        "UPDATE captures SET payload_sha256 = (SELECT MIN(payloads.sha256) FROM payloads"
        " WHERE payloads.digest = captures.payload_digest)"
    )
    op.drop_index("payloads_by_digest", "payloads")
    for column in ("record_id", "record_date", "file", "payload_digest"):
        op.drop_column("captures", column)
