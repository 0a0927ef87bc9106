"""Datasets: immutable tables of rows, known by the digest of their content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime


class Dataset(Base):
    """What is known of a dataset; its rows lie under the storage URL at `storage_key`.

    `identity` is the digest of `sha256`, `task` and `image`: the same content with the same target,
    posted twice, is one dataset. `image` is the size of the images that the rows are. `source` says
    where it came from: `{"kind": "upload", "format": "csv"}` or the specification of built-in data.
    """

    __tablename__ = "datasets"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(300))
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    rows: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    task: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    image: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "sha256"),)
