"""The tables: columns, constraints and indexes, nothing else. `db` gives the web side its sessions."""

from todo.models.account import Account, Installation
from todo.models.activity import Activity
from todo.models.base import Base, db
from todo.models.chunk import Chunk
from todo.models.event import Event
from todo.models.feed import Feed, FeedBody
from todo.models.job import Job
from todo.models.list import List
from todo.models.spent_key import SpentKey
from todo.models.todo import Todo

__all__ = [
    "Account",
    "Activity",
    "Base",
    "Chunk",
    "Event",
    "Feed",
    "FeedBody",
    "Installation",
    "Job",
    "List",
    "SpentKey",
    "Todo",
    "db",
]
