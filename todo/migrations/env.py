"""Runs migrations on the connection, and within the transaction, that `todo.schema` hands over."""

from alembic import context

from todo.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can alter little in place; Alembic then copies the table.
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the one; Alembic must not commit halfway
)
context.run_migrations()
