"""Jobs that validate on another dataset

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("validation_dataset_id", sa.String(40), nullable=True))
        batch_op.add_column(sa.Column("validation_storage_key", sa.String(300), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("validation_storage_key")
        batch_op.drop_column("validation_dataset_id")
