"""What the tests of the service have in common."""

from tests.plugins.databases import (
    database,
    database_url,
    migrated_file,
    migrated_postgres,
    postgres_database,
    postgres_url,
)

__all__ = [
    "database",
    "database_url",
    "migrated_file",
    "migrated_postgres",
    "postgres_database",
    "postgres_url",
]
