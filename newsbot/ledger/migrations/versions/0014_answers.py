"""Captures name the payload instead of their own record, which may be a revisit."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Replace the columns; payloads are found by the digest of the record."""
    op.add_column("captures", sa.Column("payload_sha256", sa.String(64)))
    op.create_index("payloads_by_digest", "payloads", ["digest"])
    op.execute(
        "UPDATE captures SET payload_sha256 = (SELECT MIN(payloads.sha256) FROM payloads"
        " WHERE payloads.digest = captures.payload_digest)"
    )
    op.drop_index("payloads_by_digest", "payloads")
    for column in ("record_id", "record_date", "file", "payload_digest"):
        op.drop_column("captures", column)
