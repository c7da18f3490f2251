"""Landed runs: where they are, and the chain of their manifests."""

from sqlalchemy import and_, select

from newsbot.ledger.database import Database
from newsbot.ledger.schema import runs


class Runs(Database):
    """Queries about landed runs; ``history`` has those about attempts."""

    def prefix_of(self, run: str) -> str | None:
        """A landed run's folder in the store."""
        with self.reading() as connection:
            return connection.execute(select(runs.c.prefix).where(runs.c.run == run)).scalar()

    def chain_head(self, site: str) -> tuple[str, str] | None:
        """Run id and manifest SHA-256 of the site's run that landed last: none follows it.

        It need not have begun last: a run may land late, and a clock be set back.
        """
        landed = and_(runs.c.site == site, runs.c.manifest_sha256.is_not(None))
        followed = select(runs.c.previous).where(landed, runs.c.previous.is_not(None))
        query = (
            select(runs.c.run, runs.c.manifest_sha256)
            .where(landed, runs.c.run.not_in(followed))
            .order_by(runs.c.started.desc())
            .limit(1)
        )
        with self.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.run, row.manifest_sha256)
