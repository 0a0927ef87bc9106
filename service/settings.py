"""Settings: all from the environment, with the prefix `TRAINYARD_`."""

import os
import re
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/?#\s]+")
"""What a browser sends as `Origin`; `null` is a page that was opened as a file, `*` any."""


def available_cores() -> int:
    """Cores this process may use (fewer than the machine's in a container with pinned cores)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Everything that may differ between two installations of the service."""

    model_config = SettingsConfigDict(
        env_prefix="TRAINYARD_", extra="ignore", frozen=True, use_attribute_docstrings=True
    )

    data_dir: Path = Field(default_factory=lambda: user_data_path("trainyard", appauthor=False))
    """Folder of the embedded SQLite file and of the datasets."""
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in `data_dir`. `postgresql://` means psycopg 3."""
    storage_url: str = ""
    """fsspec URL of the datasets; empty: a folder in `data_dir`."""

    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Bearer keys, separated by commas. Without any the service answers on loopback only."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may call the API, separated by commas."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names accepted besides the loopback ones, separated by commas; with keys: all."""

    max_body_bytes: int = Field(default=64 << 20, ge=1 << 10)
    """Bytes of an uploaded file or any other request body."""
    max_json_depth: int = Field(default=32, ge=4)
    """Objects and lists inside each other in a JSON body."""
    max_rows: int = Field(default=5_000_000, ge=1)
    """Rows of a dataset."""
    max_columns: int = Field(default=10_000, ge=1)
    """Columns of a dataset."""
    max_prediction_rows: int = Field(default=10_000, ge=1)
    """Rows of one call for predictions."""
    max_parameters: int = Field(default=50_000_000, ge=1)
    """Parameters of a network."""
    max_job_memory_bytes: int = Field(default=8 << 30, ge=1 << 20)
    """Memory that a plan may ask for; refused by arithmetic, before anything is allocated."""
    max_wait_seconds: float = Field(default=60.0, ge=0)
    """The longest `Prefer: wait`."""

    slots: int = Field(default_factory=available_cores, ge=1, le=1024)
    """Jobs that one worker trains at once."""
    threads_per_job: int = Field(default=0, ge=0)
    """Threads of one job; 0: the cores divided by the slots. Its results do not depend on them."""
    max_idle_processes: int = Field(default=4, ge=1, le=1024)
    """Training processes that wait for jobs, at most; each of them takes about 150 MB."""
    worker_memory_bytes: int = Field(default=0, ge=0)
    """Address space of a training process (RLIMIT_AS); 0: no limit."""
    job_timeout_seconds: float = Field(default=0.0, ge=0)
    """The longest an attempt may train; 0: no limit."""
    lease_seconds: float = Field(default=15.0, gt=0)
    """A worker that has not renewed its lease for this long has lost the job."""
    poll_seconds: float = Field(default=0.25, gt=0)
    """How often a worker that nobody wakes looks for jobs and for requests to pause or cancel."""
    cancel_grace_seconds: float = Field(default=10.0, ge=0)
    """A training process that does not stop within this is ended with SIGTERM, then SIGKILL."""
    max_attempts: int = Field(default=3, ge=1)
    """Attempts that may be lost in a row without a new checkpoint; then the job has failed."""
    retry_backoff_seconds: float = Field(default=1.0, ge=0)
    """Pause before the second retry in a row, doubled for each further one."""
    epoch_batch_seconds: float = Field(default=0.1, ge=0)
    """Epochs are written together at most this often (the first one at once)."""
    best_checkpoint_seconds: float = Field(default=0.5, ge=0)
    """The best network so far is written at most this often."""
    last_checkpoint_seconds: float = Field(default=5.0, ge=0)
    """The state to go on from after a crash is written this often, besides at every stop."""
    idempotency_hours: float = Field(default=24.0, gt=0)
    """How long the answer to a request with an Idempotency-Key is kept."""
    database_pool_size: int = Field(default=16, ge=1)
    """Connections that one process keeps open."""

    @field_validator("api_keys", "cors_origins", "allowed_hosts", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        """`"a, b"` from the environment is the list of a and b."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("database_url")
    @classmethod
    def readable(cls, value: str) -> str:
        """A URL that SQLAlchemy can read, or none."""
        if value:
            try:
                make_url(value)
            except ArgumentError:
                raise ValueError(
                    "must be a database URL, as in postgresql://user:password@host/name"
                ) from None
        return value

    @field_validator("cors_origins")
    @classmethod
    def whole_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Such as browsers send, or none would ever be let in."""
        for origin in value:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin: write the scheme and the host, without a path, as "
                    "in https://example.org or http://localhost:5173"
                )
        return value

    @property
    def embedded(self) -> bool:
        """Whether the database is our own SQLite file, which `serve` upgrades by itself."""
        return not self.database_url

    @property
    def resolved_database_url(self) -> str:
        """The URL with its driver."""
        if self.embedded:
            return f"sqlite:///{self.data_dir / 'trainyard.sqlite3'}"
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def resolved_storage_url(self) -> str:
        """Where the datasets lie."""
        return self.storage_url or str(self.data_dir / "datasets")

    @property
    def resolved_threads_per_job(self) -> int:
        """Threads of one job."""
        return self.threads_per_job or max(1, available_cores() // self.slots)
