"""Events: what happened to lists, and what became of telling it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whether events are written, and sent: told by the programs' settings when they start. Until then, neither.
    op.add_column("installation", sa.Column("keeps_events", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("installation", sa.Column("sends_events", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Which worker sends at the moment, and until when nobody else may.
    op.add_column("installation", sa.Column("relay_holder", sa.String(length=36), nullable=True))
    op.add_column("installation", sa.Column("relay_until", sa.DateTime(), nullable=True))
    # Why events wait, for those who ask.
    op.add_column("installation", sa.Column("relay_trouble", sa.Text(), nullable=True))
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    # What is to be sent next; empty most of the time.
    op.create_index(
        "ix_events_waiting", "events", ["id"], sqlite_where=sa.text("waiting"), postgresql_where=sa.text("waiting")
    )
    # What was set aside; empty most of the time.
    op.create_index(
        "ix_events_refused",
        "events",
        ["id"],
        sqlite_where=sa.text("refused_at IS NOT NULL"),
        postgresql_where=sa.text("refused_at IS NOT NULL"),
    )
    # Who follows one list.
    op.create_index("ix_events_list", "events", ["list_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        # What was sent leaves the index of what waits only when it is vacuumed: looking for nothing would read it all.
        op.execute("ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)")
