"""The time of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.database.tables.base import database_now


def now(session: Session) -> datetime:
    """What the database's own clock shows, in UTC."""
    return session.scalars(select(database_now())).one()
