"""Feeds as saved filters with an address, bodies compressed and apart, chunks of todos, priority and tags, activity."""

import gzip
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TODOS_PER_CHUNK = 128
_LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 (stored times are naive UTC)


def upgrade() -> None:
    in_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("lists", sa.Column("todos_made", sa.Integer(), server_default="0", nullable=False))
    known = sa.CheckConstraint("priority BETWEEN 0 AND 9", name=op.f("ck_todos_priority_known"))
    op.add_column("todos", sa.Column("completed_at", sa.DateTime(), nullable=True))
    op.add_column("todos", sa.Column("priority", sa.Integer(), known, server_default="0", nullable=False))
    op.add_column("todos", sa.Column("tags", sa.Text(), server_default="", nullable=False))
    op.add_column("todos", sa.Column("chunk", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        f"UPDATE todos SET chunk = numbered.number / {TODOS_PER_CHUNK} FROM"  # noqa: S608 (a number of our own)
        " (SELECT id, row_number() OVER (PARTITION BY list_id ORDER BY id) - 1 AS number FROM todos) AS numbered"
        " WHERE numbered.id = todos.id"
    )
    op.execute("UPDATE lists SET todos_made = (SELECT count(*) FROM todos WHERE todos.list_id = lists.id)")
    op.create_index("ix_todos_chunk", "todos", ["list_id", "chunk", "id"], unique=False)

    op.create_table(
        "chunks",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_chunks_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_chunks")),
    )
    op.execute("INSERT INTO chunks (list_id, number, stamp) SELECT DISTINCT list_id, chunk, 0 FROM todos")

    op.create_table(
        "feed_bodies",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("gzip", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_feed_bodies")),
    )
    _move_bodies()
    if in_sqlite:  # changing the table makes it anew, and that takes the jobs that refer to its rows with it
        op.execute("CREATE TABLE kept_jobs AS SELECT * FROM jobs")
    # The id of a deleted feed must not come again: a build of it may be under way.
    with op.batch_alter_table("feeds", table_kwargs={"sqlite_autoincrement": True}) as feeds:
        feeds.drop_constraint(op.f("ck_feeds_built_has_body"), type_="check")
        feeds.drop_column("body")
        feeds.add_column(sa.Column("name", sa.String(length=255), nullable=True))
        feeds.add_column(sa.Column("token_hash", sa.String(length=64), nullable=True))
        feeds.add_column(sa.Column("token_seed", sa.String(length=32), nullable=True))
        feeds.add_column(sa.Column("completed", sa.Boolean(), nullable=True))
        feeds.add_column(sa.Column("text", sa.String(length=255), nullable=True))
        feeds.add_column(sa.Column("past_days", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("future_days", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("finished", sa.String(length=4), server_default="mark", nullable=False))
        feeds.add_column(sa.Column("finished_days", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("show_as", sa.String(length=6), server_default="events", nullable=False))
        feeds.add_column(sa.Column("all_day", sa.Boolean(), server_default=sa.false(), nullable=False))
        feeds.add_column(sa.Column("alarm_minutes", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("busy_only", sa.Boolean(), server_default=sa.false(), nullable=False))
        feeds.add_column(sa.Column("color", sa.String(length=32), nullable=True))
        feeds.add_column(sa.Column("expires_at", sa.DateTime(), nullable=True))
        feeds.add_column(sa.Column("modified_at", sa.DateTime(), nullable=True))
        feeds.add_column(sa.Column("length", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("gzip_length", sa.Integer(), nullable=True))
        feeds.add_column(sa.Column("shown", sa.Integer(), nullable=True))
    if in_sqlite:
        op.execute("INSERT INTO jobs SELECT * FROM kept_jobs WHERE id NOT IN (SELECT id FROM jobs)")
        op.execute("DROP TABLE kept_jobs")
    op.create_index("uq_feeds_token_hash", "feeds", ["token_hash"], unique=True)
    op.create_index(
        "ix_feeds_expires_at",
        "feeds",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    with op.batch_alter_table("feed_bodies") as bodies:
        bodies.create_foreign_key(op.f("fk_feed_bodies_feed_id"), "feeds", ["feed_id"], ["id"], ondelete="CASCADE")
    # Each feed is rendered anew: the content of an event has changed.
    op.execute("UPDATE lists SET revision = revision + 1 WHERE id IN (SELECT list_id FROM feeds)")
    op.execute(
        sa.text("UPDATE lists SET behind_since = :long_ago WHERE id IN (SELECT list_id FROM feeds)").bindparams(
            sa.bindparam("long_ago", _LONG_AGO, type_=sa.DateTime())
        )
    )

    op.create_table(
        "activity",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("minute", sa.DateTime(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("feed_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client", sa.String(length=12), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_activity_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "minute", "what", "feed_id", "client", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_minute", "activity", ["minute"], unique=False)
    op.create_index("ix_activity_feed_id", "activity", ["feed_id", "minute"], unique=False)

    if not in_sqlite:  # what is compressed already
        op.execute("ALTER TABLE feed_bodies ALTER COLUMN gzip SET STORAGE EXTERNAL")


def _move_bodies() -> None:
    connection = op.get_bind()
    feeds = sa.table("feeds", sa.column("id", sa.Integer), sa.column("body", sa.LargeBinary))
    bodies = sa.table("feed_bodies", sa.column("feed_id", sa.Integer), sa.column("gzip", sa.LargeBinary))
    for feed_id in connection.scalars(sa.select(feeds.c.id).where(feeds.c.body.is_not(None))).all():
        body = connection.scalar(sa.select(feeds.c.body).where(feeds.c.id == feed_id))
        connection.execute(bodies.insert().values(feed_id=feed_id, gzip=gzip.compress(body or b"", mtime=0)))
