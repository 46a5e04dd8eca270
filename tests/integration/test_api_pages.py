"""Walking the list page by page: each todo comes once, whatever happens between two pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from tests.integration.api import Api

SORTS = ["-created_at", "created_at", "deadline_at", "-deadline_at"]
PAGES_MAX = 100  # a walk that goes in circles must end as well


def pages(api: Api, query: str) -> Iterator[list[dict[str, Any]]]:
    """The pages of a list, following each `Link` to the next."""
    address: str | None = f"//api/v1/todos?{query}"
    while address is not None:
        answer = api.get(address)
        assert answer.status_code == 200, answer.text
        yield answer.json
        link = answer.headers.get("Link")
        found = re.fullmatch(r'<http://localhost(/api/v1/todos\?[!-~]+)>; rel="next"', link) if link else None
        assert (link is None) == (found is None), link
        address = f"/{found[1]}" if found else None


def walk(api: Api, query: str) -> list[int]:
    return [todo["id"] for page in islice(pages(api, query), PAGES_MAX) for todo in page]


def ids(api: Api, query: str = "") -> list[int]:
    return [todo["id"] for todo in api.get(f"/todos{query}").json]


def mixed(api: Api) -> list[int]:
    """Ids of 40 todos: many of the same age, many with the same deadline, many without."""
    start = datetime(2026, 1, 1, 12)
    return api.add(
        *[
            {
                "created_at": start + timedelta(microseconds=number // 7),
                "deadline_at": None if number % 3 == 0 else start + timedelta(days=number % 5),
                "completed": number % 2 == 0,
            }
            for number in range(40)
        ]
    )


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 7, 20, 39, 40, 1000])
def test_a_walk_meets_each_todo_once_in_the_lists_order(api: Api, sort: str, limit: int) -> None:
    made = mixed(api)
    whole = ids(api, f"?sort={sort}")
    assert sorted(whole) == sorted(made)
    assert walk(api, f"sort={sort}&limit={limit}") == whole


@pytest.mark.parametrize("sort", SORTS)
def test_todos_with_the_databases_own_date_are_walked_too(api: Api, sort: str) -> None:
    made = api.add(*[{"deadline_at": datetime(2026, 1, 1)} for _ in range(10)])
    assert sorted(walk(api, f"sort={sort}&limit=3")) == made


def test_pages_are_as_long_as_asked_for(api: Api) -> None:
    mixed(api)
    assert [len(page) for page in pages(api, "limit=15")] == [15, 15, 10]


def test_the_last_page_has_no_link_even_when_it_is_full(api: Api) -> None:
    mixed(api)
    assert [len(page) for page in pages(api, "limit=20")] == [20, 20]


def test_without_a_limit_there_is_no_link(api: Api) -> None:
    mixed(api)
    answer = api.get("/todos")
    assert len(answer.json) == 40
    assert "Link" not in answer.headers


def test_the_link_keeps_the_filters(api: Api) -> None:
    mixed(api)
    api.todo("x & y = z #1 +ä", completed=True)
    api.todo("x & y = z #1 +Ä", completed=True)
    query = "completed=true&q=x+%26+y+%3D+z+%231+%2B%C3%A4&limit=1&sort=created_at"
    assert [page[0]["title"] for page in pages(api, query)] == ["x & y = z #1 +ä", "x & y = z #1 +Ä"]
    assert walk(api, "completed=false&limit=6") == ids(api, "?completed=false")
    assert walk(api, "window=0&sort=deadline_at&limit=4") == ids(api, "?window=0&sort=deadline_at")


def test_the_rest_of_a_walk_can_be_had_at_once(api: Api) -> None:
    mixed(api)
    link = api.get("/todos?limit=15").headers["Link"]
    found = re.search("cursor=([^&>]+)", link)
    assert found
    assert ids(api, f"?cursor={found[1]}") == ids(api)[15:]


def insert(api: Api, page: list[dict[str, Any]]) -> None:
    """A todo beside each end of the page, before, at and after its date and deadline."""
    beside = []
    for todo in (page[0], page[-1]):
        created = datetime.fromisoformat(todo["created_at"])
        deadline = todo["deadline_at"] and datetime.fromisoformat(todo["deadline_at"])
        for step in (-1, 0, 1):
            move = timedelta(microseconds=step)
            beside.append({"created_at": created + move, "deadline_at": deadline and deadline + move})
    api.add(*beside, {"created_at": datetime(2026, 1, 1), "deadline_at": None})


def delete(api: Api, page: list[dict[str, Any]]) -> None:
    """The page goes: the next one has to begin where no todo is any more."""
    api.patch("/todos", [{"id": todo["id"], "deleted": True} for todo in page])


def edit(api: Api, page: list[dict[str, Any]]) -> None:
    api.patch("/todos", [{"id": todo["id"], "completed": True, "title": "edited"} for todo in page])


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("meanwhile", [insert, delete, edit])
def test_no_todo_is_lost_or_repeated_by_what_happens_between_pages(
    api: Api, sort: str, meanwhile: Callable[[Api, list[dict[str, Any]]], None]
) -> None:
    mixed(api)
    there_from_the_start = ids(api, f"?sort={sort}")
    seen: list[int] = []
    for page in islice(pages(api, f"sort={sort}&limit=7"), PAGES_MAX):
        seen += [todo["id"] for todo in page]
        meanwhile(api, page)
    assert len(seen) == len(set(seen))
    assert [todo_id for todo_id in seen if todo_id in there_from_the_start] == there_from_the_start


def test_a_cursor_of_another_order_is_refused(api: Api) -> None:
    mixed(api)
    found = re.search("cursor=([^&>]+)", api.get("/todos?limit=5&sort=deadline_at").headers["Link"])
    assert found
    answer = api.get(f"/todos?limit=5&sort=created_at&cursor={found[1]}")
    assert (answer.status_code, answer.json["field"]) == (400, "cursor")
