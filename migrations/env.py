"""What Alembic runs for every command: the connection comes from `service.database.migration`."""

from typing import Literal

from alembic import context
from sqlalchemy import text

from service.database.tables import Base
from service.database.tables.base import UtcDateTime

LOCK = 7_262_771_436  # any number that nobody else locks


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A drafted revision names the plain type: it must not change when our classes do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations in one transaction that no other process runs beside."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        render_item=render,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.run_migrations()


run()
