"""The tables: columns, constraints and indexes, nothing else. `db` gives the web side its sessions."""

from todo.models.account import Account, Installation
from todo.models.base import Base, db
from todo.models.feed import Feed
from todo.models.job import Job
from todo.models.list import List
from todo.models.todo import Todo

__all__ = ["Account", "Base", "Feed", "Installation", "Job", "List", "Todo", "db"]
