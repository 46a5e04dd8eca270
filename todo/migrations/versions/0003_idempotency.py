"""Todos remember the Idempotency-Key of the request that made them."""

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
