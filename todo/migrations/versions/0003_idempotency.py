"""Todos remember the Idempotency-Key of the request that made them, and lists those of deleted todos."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("todos", sa.Column("idempotency_key", sa.String(length=255), nullable=True))
    # The same todo sent twice at once, by a client that lost the first answer, must be one todo.
    op.create_index(
        "uq_todos_idempotency_key",
        "todos",
        ["list_id", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_table(
        "spent_keys",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("deleted_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_spent_keys_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "idempotency_key", name=op.f("pk_spent_keys")),
    )
    # Each deletion looks for those that are too old; without this index that would be a scan of all the list's.
    op.create_index("ix_spent_keys_deleted_at", "spent_keys", ["list_id", "deleted_at"], unique=False)
