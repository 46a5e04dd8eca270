"""Notes records in the book of their queue, while they happen or from a log. Not for several threads at once."""

from __future__ import annotations

from todo.queues.book import Book
from todo.queues.records import Began, Deleted, Ended, Received, ReceivedNothing, Record, Sent


class Tally:
    """The books of all queues that records tell of."""

    def __init__(self) -> None:
        self.books: dict[str, Book] = {}

    def add(self, record: Record) -> None:
        """Note one record."""
        book = self.book(record.queue)
        # A run's name is taken where records have one; without, a client that begins anew begins a new run.
        name = getattr(record, "run", None)
        match record:
            case Sent():
                send = (record.at, record.client, record.sequence, record.message_id, record.group, record.copy)
                book.send(*send, record.deduplication, name)
            case Received():
                told = (record.sender, record.sequence, record.group, record.copy, record.receive_count)
                book.receive(record.at, record.client, record.message_id, *told, record.sent_at, name)
            case Deleted():
                book.delete(record.at, record.message_id)
            case ReceivedNothing():
                book.empty_receives += 1
            case Began():
                book.begin(record)
            case Ended():
                book.end(record)

    def book(self, queue: str) -> Book:
        """The queue's book, a new one for a queue not heard of before."""
        book = self.books.get(queue)
        if book is None:
            if not isinstance(queue, str):
                raise TypeError(queue)
            book = self.books[queue] = Book(queue)
        return book
