"""A copy of a list, kept by asking what differs: always the list's own todos, whatever happened meanwhile."""

from __future__ import annotations

import gzip
import json
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.integration.api import Answer, Api, application
from todo import database
from todo.models import Chunk, Installation, List

MANY = 300
"""Todos of three chunks."""


def ask(api: Api, list_id: int = 1, headers: Any = None, **body: Any) -> Answer:
    return api.post(f"/lists/{list_id}/sync", body, headers=headers or {})


class Copy:
    """What a client has: todos by chunk, stamps by chunk."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.todos: dict[str, list[dict[str, Any]]] = {}
        self.stamps: dict[str, str] = {}

    def update(self, **how: Any) -> dict[str, Any]:
        """Asks once, and takes what it is told."""
        answer = ask(self.api, chunks=self.stamps, **how)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json
        for chunk in told["chunks"]:
            self.todos[str(chunk["number"])] = chunk["todos"]
            self.stamps[str(chunk["number"])] = chunk["stamp"]
        for number in told["gone"]:
            del self.todos[str(number)], self.stamps[str(number)]
        return told

    def all(self) -> list[dict[str, Any]]:
        return sorted((todo for chunk in self.todos.values() for todo in chunk), key=lambda todo: int(todo["id"]))


def nothing_new(api: Api) -> dict[str, Any]:
    """What is told of a list, besides itself, to who has all its todos."""
    return {"installation": api.scalar(select(Installation.uuid)), "chunks": [], "gone": [], "more": False}


def truth(api: Api) -> list[dict[str, Any]]:
    return sorted(api.get("/todos").json, key=lambda todo: int(todo["id"]))


def numbers(told: dict[str, Any]) -> list[int]:
    return [chunk["number"] for chunk in told["chunks"]]


def fill(api: Api, count: int = MANY) -> list[int]:
    """Ids of so many todos, dealt out to chunks as the product does."""
    ids = api.add(*({"title": f"todo {number}", "chunk": number // 128} for number in range(count)))
    with api.sessions() as session:
        session.add_all(
            Chunk(list_id=1, number=number, stamp=random.getrandbits(62)) for number in range((count + 127) // 128)
        )
        session.execute(update(List).values(todos_made=count))
        session.commit()
    return ids


def test_an_empty_list_has_no_chunks(api: Api) -> None:
    answer = ask(api)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == {**nothing_new(api), "list": api.get("/lists/1").json}


def test_the_installation_is_told_so_that_another_database_is_noticed(api: Api, tmp_path: Path) -> None:
    found = api.scalar(select(Installation.uuid))
    assert ask(api).json["installation"] == ask(api, chunks={"0": "1"}, limit=1).json["installation"] == found
    assert str(uuid.UUID(found)) == found
    with application(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        assert ask(other).json["installation"] != found


def test_the_installation_and_the_list_are_read_at_once(api: Api) -> None:
    with api.statements() as statements:
        ask(api)
    assert len([statement for statement in statements if statement.startswith(("SELECT", "WITH"))]) == 2


def test_whoever_has_nothing_is_told_everything_newest_chunk_first(api: Api) -> None:
    ids = fill(api)
    told = ask(api).json
    assert numbers(told) == [2, 1, 0]
    assert [[todo["id"] for todo in chunk["todos"]] for chunk in told["chunks"]] == [ids[256:], ids[128:256], ids[:128]]
    assert (told["gone"], told["more"]) == ([], False)
    whole = {todo["id"]: todo for todo in api.get("/todos").json}
    assert {todo["id"]: todo for chunk in told["chunks"] for todo in chunk["todos"]} == whole


def test_stamps_are_decimal_texts(api: Api) -> None:
    api.todo()
    with api.sessions() as session:
        session.execute(update(Chunk).values(stamp=2**62 - 1))
        session.commit()
    told = ask(api).json
    assert told["chunks"][0]["stamp"] == "4611686018427387903"
    assert ask(api, chunks={"0": "4611686018427387903"}).json["chunks"] == []
    assert numbers(ask(api, chunks={"0": "4611686018427387904"}).json) == [0]  # the same as a float


def test_whoever_has_everything_is_told_nothing_but_the_list(api: Api) -> None:
    fill(api)
    copy = Copy(api)
    copy.update()
    api.patch("/lists/1", {"name": "Home"})
    assert copy.update() == {**nothing_new(api), "list": api.get("/lists/1").json}


@pytest.mark.parametrize("what", ["put", "patch", "delete", "delete many"])
def test_a_change_is_told_with_its_chunk_alone(api: Api, what: str) -> None:
    ids = fill(api)
    copy = Copy(api)
    copy.update()
    path = f"/todos/{ids[130]}"
    {
        "put": lambda: api.put(path, {"title": "changed"}),
        "patch": lambda: api.patch("/todos", [{"id": ids[130], "completed": True}]),
        "delete": lambda: api.delete(path),
        "delete many": lambda: api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in ids[128:200]]),
    }[what]()
    with api.statements() as statements:
        told = copy.update()
    assert numbers(told) == [1]
    assert len([statement for statement in statements if statement.startswith(("SELECT", "WITH"))]) == 3
    assert copy.all() == truth(api)


def test_a_new_todo_is_told(api: Api) -> None:
    fill(api, 128)
    copy = Copy(api)
    copy.update()
    made = api.todo("new")
    told = copy.update()
    assert [(chunk["number"], chunk["todos"]) for chunk in told["chunks"]] == [(1, [made])]


def test_a_chunk_without_todos_is_told_empty_and_once(api: Api) -> None:
    ids = fill(api)
    copy = Copy(api)
    copy.update()
    api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in ids[:128]])
    assert [(chunk["number"], chunk["todos"]) for chunk in copy.update()["chunks"]] == [(0, [])]
    assert copy.update()["chunks"] == []
    assert copy.all() == truth(api)
    new = Copy(api)
    new.update()
    assert (new.all(), new.stamps) == (copy.all(), copy.stamps)


def test_a_long_list_is_told_in_parts(api: Api) -> None:
    fill(api, 700)  # six chunks
    copy = Copy(api)
    parts = [copy.update(limit=2)]
    while parts[-1]["more"]:
        parts.append(copy.update(limit=2))
    assert [numbers(part) for part in parts] == [[5, 4], [3, 2], [1, 0]]
    assert copy.all() == truth(api)
    assert copy.update(limit=1)["more"] is False


def test_at_most_a_hundred_chunks_are_told_at_once(api: Api) -> None:
    with api.sessions() as session:
        session.add_all(Chunk(list_id=1, number=number, stamp=1) for number in range(101))
        session.commit()
    told = ask(api).json
    assert (numbers(told), told["more"]) == (list(range(100, 0, -1)), True)


def test_a_chunk_that_the_list_does_not_have_is_gone(api: Api) -> None:
    api.todo()
    told = ask(api, chunks={"7": "1", "9999999999": "x", "3": "", "0": "1"}, limit=1).json
    assert (told["gone"], numbers(told), told["more"]) == ([3, 7, 9999999999], [0], False)


def test_a_list_whose_tables_were_emptied_is_told_as_gone(api: Api) -> None:
    fill(api)
    copy = Copy(api)
    copy.update()
    api.reset()
    api.todo("after")
    told = copy.update()
    assert told["gone"] == [1, 2]
    assert copy.all() == truth(api)


@pytest.mark.parametrize("count", [1, MANY])
def test_todos_that_no_stamp_is_noted_of_are_told_with_the_stamp_0(api: Api, count: int) -> None:
    fill(api, count)
    with api.sessions() as session:  # as rows that were added straight through a session
        session.execute(delete(Chunk).where(Chunk.number != 1))
        session.commit()
    copy = Copy(api)
    told = copy.update()
    assert numbers(told) == ([2, 1, 0] if count == MANY else [0])
    assert {chunk["stamp"] for chunk in told["chunks"] if chunk["number"] != 1} == {"0"}
    assert copy.all() == truth(api)
    assert copy.update()["chunks"] == []
    api.put(f"/todos/{copy.all()[0]['id']}", {"title": "changed"})
    assert numbers(copy.update()) == [0]
    assert copy.all() == truth(api)


def test_todos_that_no_stamp_is_noted_of_are_told_again_when_the_time_zone_moves_them(api: Api) -> None:
    local = {"deadline_at": datetime(2026, 5, 1), "deadline_kind": "local", "chunk": 5}
    api.add({"title": "added", **local}, {"title": "this too", **local})
    copy = Copy(api)
    copy.update()
    api.patch("/lists/1", {"time_zone": "Europe/Berlin"})
    assert numbers(copy.update()) == [5]
    assert {todo["sequence"] for todo in copy.all()} == {1}
    assert copy.all() == truth(api)


def test_all_that_is_told_is_of_one_moment(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = fill(api)
    copy = Copy(api)
    real = database.plain_rows

    def plain_rows(*arguments: Any) -> Any:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as other:  # a request of somebody else
            other.submit(api.patch, "/todos", [{"id": todo_id, "title": "changed"} for todo_id in ids]).result()
        return real(*arguments)

    monkeypatch.setattr(database, "plain_rows", plain_rows)
    told = copy.update()
    assert told["list"]["revision"] == 0
    assert {todo["sequence"] for todo in copy.all()} == {0}
    assert numbers(copy.update()) == [2, 1, 0]
    assert copy.all() == truth(api)


def test_lists_do_not_see_each_other(api: Api) -> None:
    api.todo("ours")
    other_id = api.make_list("Other")
    api.add({"title": "theirs", "list_id": other_id})
    assert [todo["title"] for chunk in ask(api).json["chunks"] for todo in chunk["todos"]] == ["ours"]
    told = ask(api, other_id).json
    assert [todo["title"] for chunk in told["chunks"] for todo in chunk["todos"]] == ["theirs"]
    assert told["list"]["name"] == "Other"


def test_an_unknown_list_is_not_found(api: Api) -> None:
    answer = ask(api, 999)
    assert (answer.status_code, answer.json["field"]) == (404, "list_id")


def test_it_is_compressed_for_who_takes_that_when_it_is_long(api: Api) -> None:
    fill(api)
    plain = ask(api)
    sent = ask(api, headers={"Accept-Encoding": "br, gzip"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(sent.data)) == plain.json
    assert len(sent.data) == int(sent.headers["Content-Length"]) < len(plain.data) / 3
    known = {str(chunk["number"]): chunk["stamp"] for chunk in plain.json["chunks"]}
    short = ask(api, chunks=known, headers={"Accept-Encoding": "gzip"})
    refused = ask(api, headers={"Accept-Encoding": "gzip;q=0"})
    for answer in (plain, short, refused):
        assert "Content-Encoding" not in answer.headers
    for answer in (plain, sent, short, refused):
        assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept-Encoding", "no-store")


def test_a_hundred_thousand_known_chunks_are_taken(api: Api) -> None:
    api.todo()
    told = ask(api, chunks={str(number): "1" for number in range(100_000)}).json
    assert (numbers(told), len(told["gone"])) == ([0], 99_999)


def test_a_copy_is_right_after_any_changes(api: Api) -> None:
    chance = random.Random(6400)
    ids = fill(api)
    copy = Copy(api)
    for _ in range(60):
        some = chance.sample(ids, 3)
        action = chance.randrange(5)
        if action == 0:
            ids.append(api.todo("new")["id"])
        elif action == 1:
            api.patch("/todos", [{"id": todo_id, "completed": chance.random() < 0.5} for todo_id in some])
        elif action == 2:
            api.patch("/todos", [{"id": todo_id, "deleted": True} for todo_id in some])
        elif action == 3:
            api.put(f"/todos/{some[0]}", {"title": f"{chance.random()}"})
        else:
            copy.update(limit=chance.randint(1, 3))
    while copy.update(limit=2)["more"]:
        pass
    assert copy.all() == truth(api)
