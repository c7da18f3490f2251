"""The run that each landed run follows in its site's chain."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; until now a run followed the latest one that began before it."""
    op.add_column("runs", sa.Column("previous", sa.String(32)))
    op.execute(
        "UPDATE runs SET previous = (SELECT earlier.run FROM runs AS earlier "
        "WHERE earlier.site = runs.site AND earlier.manifest_sha256 IS NOT NULL "
        "AND earlier.started < runs.started ORDER BY earlier.started DESC LIMIT 1) "
        "WHERE manifest_sha256 IS NOT NULL"
    )
