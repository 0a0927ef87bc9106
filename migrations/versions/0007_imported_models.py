"""Models that were imported, and so have no job

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("models") as batch_op:
        batch_op.alter_column("job_id", existing_type=sa.String(40), nullable=True)
        batch_op.add_column(sa.Column("state_sha256", sa.String(64), nullable=True))
    op.create_table(
        "imported_states",
        sa.Column("model_id", sa.String(40), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("model_id", "part"),
    )


def downgrade() -> None:
    op.drop_table("imported_states")
    op.execute("DELETE FROM models WHERE job_id IS NULL")
    with op.batch_alter_table("models") as batch_op:
        batch_op.drop_column("state_sha256")
        batch_op.alter_column("job_id", existing_type=sa.String(40), nullable=False)
