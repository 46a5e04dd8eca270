"""The first schema: accounts, lists, todos, feeds and jobs, with one account and one list in it."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite compares times as texts, and the product writes all others with a fraction.
    in_sqlite = op.get_bind().dialect.name == "sqlite"
    now = sa.text("(strftime('%Y-%m-%d %H:%M:%S.000000', 'now'))" if in_sqlite else "CURRENT_TIMESTAMP")
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), server_default="Tasks", nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=True),
        sa.Column("behind_since", sa.DateTime(), nullable=True),
        sa.Column("build_started_at", sa.DateTime(), nullable=True),
        sa.Column("building_revision", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("builds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_lists_revision_not_negative")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_lists_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index(
        "ix_lists_behind",
        "lists",
        ["behind_since"],
        unique=False,
        sqlite_where=sa.text("behind_since IS NOT NULL"),
        postgresql_where=sa.text("behind_since IS NOT NULL"),
    )
    op.create_index("ix_lists_owner_id", "lists", ["owner_id"], unique=False)

    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("built_revision", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("built_at", sa.DateTime(), nullable=True),
        sa.Column("failed_revision", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("etag", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(built_revision = -1) = (body IS NULL)", name=op.f("ck_feeds_built_has_body")),
        sa.CheckConstraint("built_revision >= -1", name=op.f("ck_feeds_built_revision_known")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_feeds_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_index("ix_feeds_list_id", "feeds", ["list_id"], unique=False)
    op.create_index(
        "uq_feeds_default",
        "feeds",
        ["list_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )

    op.create_table(
        "todos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(), nullable=True),
        sa.Column("deadline_kind", sa.String(length=7), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(), server_default=now, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("deadline_kind IN ('date', 'local', 'instant')", name=op.f("ck_todos_deadline_kind_known")),
        sa.CheckConstraint("(deadline_at IS NULL) = (deadline_kind IS NULL)", name=op.f("ck_todos_deadline_has_kind")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_todos_sequence_not_negative")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_todos_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_todos")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_todos_newest", "todos", ["list_id", sa.text("created_at DESC"), "id"], unique=False)
    op.create_index("ix_todos_deadline", "todos", ["list_id", "deadline_at", "id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_jobs_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"], unique=False)
    op.create_index(
        "ix_jobs_untold",
        "jobs",
        ["feed_id", "revision"],
        unique=False,
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index("uq_jobs_idempotency_key", "jobs", ["feed_id", "idempotency_key"], unique=True)

    if op.get_bind().dialect.name == "postgresql":
        # Compressing a body of megabytes at each store costs more than its space.
        op.execute("ALTER TABLE feeds ALTER COLUMN body SET STORAGE EXTERNAL")

    op.execute("INSERT INTO accounts (name) VALUES ('local')")
    op.execute("INSERT INTO lists (owner_id) SELECT id FROM accounts")
    op.bulk_insert(
        sa.table("installation", sa.column("id", sa.Integer), sa.column("uuid", sa.String)),
        [{"id": 1, "uuid": str(uuid.uuid4())}],
    )


def downgrade() -> None:
    for table in ("jobs", "todos", "feeds", "lists", "installation", "accounts"):
        op.drop_table(table)
