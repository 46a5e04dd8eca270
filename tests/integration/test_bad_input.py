"""Bad bodies of every kind: refused with a 4xx that names the field, and nothing changed; never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.api import Api
from tests.integration.refusals import refuses, refuses_json

DEEP = 100_000
BODY_ROUTES = [
    ("POST", "/todos"),
    ("PUT", "/todos/{id}"),
    ("PATCH", "/todos"),
    ("PATCH", "/lists/1"),
    ("POST", "/feeds"),
    ("POST", "/lists/1/sync"),
]
CONTROLS = [*(chr(code) for code in range(0x20) if code not in (9, 10, 13)), "\x7f", "\x80", "\x85", "\x9f"]


NO_JSON = {
    "empty": b"",
    "blank": b"  \r\n\t",
    "null": b"null",
    "cut off": b'{"title": "x"',
    "two values": b'{"title": "x"} {}',
    "comma": b'{"title": "x",}',
    "single quotes": b"{'title': 'x'}",
    "comment": b'{"title": "x"} // y',
    "bad UTF-8": b'{"title": "\xff"}',
    "overlong UTF-8": b'{"title": "\xc0\xaf"}',
    "surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "bad UTF-8 in a name": b'{"\xff": "x"}',
    "byte order mark": b'\xef\xbb\xbf{"title": "x"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "UTF-32": '{"title": "x"}'.encode("utf-32-le"),
    "raw NUL": b'{"title": "\x00"}',
    "raw line break": b'{"title": "\n"}',
    "NULs": b"\x00" * 100,
    "NaN": b'{"title": NaN}',
    "Infinity": b'{"title": Infinity}',
    "minus Infinity": b'{"title": -Infinity}',
    "1e999": b'{"title": 1e999}',
    "minus 1e999": b'{"title": -1e999}',
    "5,000 digits": b'{"title": ' + b"9" * 5_000 + b"}",
    "leading zero": b'{"title": 01}',
    "open arrays": b"[" * DEEP,
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and mixed": b'[{"a":' * DEEP + b"1" + b"}]" * DEEP,
    "deep title": b'{"title": ' + b"[" * 64 + b"]" * 64 + b"}",
    "form": b"title=x",
    "XML": b"<title>x</title>",
    "pickle": b"\x80\x04\x95\x01.",
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_a_body_that_is_no_strict_json_is_refused(busy_api: Api, todo_id: int, body: bytes) -> None:
    for method, path in BODY_ROUTES:
        refuses_json(busy_api, 400, "body", method, path.format(id=todo_id), body)


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "1.5", "true", "false", '["title"]', '[{"title": "x"}]'])
def test_a_body_that_is_no_object_is_refused(busy_api: Api, todo_id: int, body: str) -> None:
    for method, path in [
        ("POST", "/todos"),
        ("PUT", f"/todos/{todo_id}"),
        ("PATCH", "/lists/1"),
        ("POST", "/lists/1/sync"),
    ]:
        refuses_json(busy_api, 400, "body", method, path, body)


@pytest.mark.parametrize("body", ["{}", '{"id": 1}', '"text"', "1", "true", "[]"])
def test_a_batch_that_is_no_array_of_changes_is_refused(busy_api: Api, todo_id: int, body: str) -> None:
    refuses_json(busy_api, 400, "body", "PATCH", "/todos", body)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", None]
)
def test_a_body_that_is_not_called_json_is_refused(busy_api: Api, todo_id: int, content_type: str | None) -> None:
    for method, path in BODY_ROUTES:
        body = '{"title": "x"}'
        path = path.format(id=todo_id)
        refuses(busy_api, 415, "Content-Type", method, path, data=body, content_type=content_type)


def test_a_body_of_five_megabytes_is_refused(busy_api: Api, todo_id: int) -> None:
    for method, path in BODY_ROUTES:
        refuses_json(busy_api, 413, "body", method, path.format(id=todo_id), b'{"title": "' + b"x" * 5_000_000 + b'"}')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"title": "x", "title": "y"}', "title"),
        ('{"title": "x", "title": "x"}', "title"),
        ('{"title": "x", "\\u0074itle": "y"}', "title"),
        ('{"a": {"b": 1, "b": 2}}', "b"),
        ('[{"id": 1, "id": 2}]', "id"),
        ('{"' + "k" * 500 + '": 1, "' + "k" * 500 + '": 2}', "k" * 64),
    ],
)
def test_a_name_given_twice_is_refused(busy_api: Api, todo_id: int, body: str, field: str) -> None:
    for method, path in BODY_ROUTES:
        refuses_json(busy_api, 400, field, method, path.format(id=todo_id), body)


def each(field: str, *values: Any) -> list[tuple[str, Any]]:
    return [(field, value) for value in values]


WRONG_FIELDS: list[tuple[str, Any]] = [
    *each("title", None, 1, 1.5, True, [], {}, ["x"], {"a": "b"}, "", " ", "\n\t \u2003", "\r", 10**4_000),
    *each("title", "x" * 256, "😀" * 256),
    *each("description", 1, False, [], {}, "x" * 10_001),
    *each("completed", None, 0, 1, 1.0, "true", "", [], {}),
    *each("deadline_at", 0, 1_700_000_000, 1.5, True, [], {}, "", " ", "tomorrow", "now"),
    *each("deadline_at", "0000-01-01", "10000-01-01", "-0001-01-01", "+2026-01-01", "26-01-01"),
    *each("deadline_at", "2026-02-30", "2027-02-29", "2026-13-01", "2026-00-10", "2026-1-1"),
    *[("deadline_at", f"2026-01-01{rest}") for rest in (" ", "T", "T24:00:00", "T23:60:00", "T23:59:60", "T1:00")],
    *[("deadline_at", f"2026-01-01{rest}") for rest in ("\n", "\x00", "  10:00", "t10:00", "T10", "T10:00:00.")],
    *[("deadline_at", f"2026-01-01T10:00{zone}") for zone in ("+24:00", "+1", "+0100", "+01:60", "UTC", "[UTC]")],
    *each("deadline_at", "٢٠٢٦-٠١-٠١", "２０２６-01-01", "20260101", "2026-W01-1", "2026-001"),
    *each("deadline_at", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "1" * 5_000),
    *[(field, f"a{bad}b") for field in ("title", "description") for bad in (*CONTROLS, "\ud800", "\udfff\ud800")],
    *each("priority", None, -1, 10, True, False, "1", "", 1.5, [], {}, 2**31, 2**63, -(2**63), 10**4_000),
    *each("tags", None, "home", 1, True, {}, {"0": "a"}, ["a"] * 21),
]
WRONG_TAGS: list[Any] = [None, 1, 1.5, True, [], {}, ["a"], "", " ", "\t\u2003", "x" * 51, "😀" * 51]
WRONG_TAGS += ["a\nb", "a\r\nb", "a\rb", "\n", *(f"a{bad}b" for bad in (*CONTROLS, "\ud800"))]


@pytest.mark.parametrize(("field", "value"), WRONG_FIELDS, ids=lambda part: ascii(part)[:40])
def test_a_field_that_breaks_its_rule_is_refused(busy_api: Api, todo_id: int, field: str, value: Any) -> None:
    wrong = {"title": "fine", field: value}
    refuses_json(busy_api, 400, field, "POST", "/todos", json.dumps(wrong))
    refuses_json(busy_api, 400, field, "PUT", f"/todos/{todo_id}", json.dumps({field: value}))
    changes = [{"id": todo_id, "title": "changed"}, {"id": todo_id + 1, **wrong}]
    refuses_json(busy_api, 400, f"[1].{field}", "PATCH", "/todos", json.dumps(changes))


@pytest.mark.parametrize("tag", WRONG_TAGS, ids=lambda part: ascii(part)[:40])
def test_a_tag_that_breaks_its_rule_is_refused_with_its_place(busy_api: Api, todo_id: int, tag: Any) -> None:
    tags = ["fine", tag]
    refuses_json(busy_api, 400, "tags[1]", "POST", "/todos", json.dumps({"title": "x", "tags": tags}))
    refuses_json(busy_api, 400, "tags[1]", "PUT", f"/todos/{todo_id}", json.dumps({"title": "x", "tags": tags}))
    changes = [{"id": todo_id, "title": "changed"}, {"id": todo_id + 1, "tags": tags}]
    refuses_json(busy_api, 400, "[1].tags[1]", "PATCH", "/todos", json.dumps(changes))


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "list_id",
        "created_at",
        "completed_at",
        "sequence",
        "chunk",
        "tag",
        "Title",
        "",
        "title ",
        "__class__",
        "\x00",
        "é",
    ],
)
def test_a_field_that_is_not_known_is_refused(busy_api: Api, todo_id: int, name: str) -> None:
    body = json.dumps({"title": "x", name: 1})
    refuses_json(busy_api, 400, name, "POST", "/todos", body)
    refuses_json(busy_api, 400, name, "PUT", f"/todos/{todo_id}", body)
    if name != "id":
        refuses_json(busy_api, 400, f"[0].{name}", "PATCH", "/todos", json.dumps([{"id": todo_id, name: 1}]))
    refuses_json(busy_api, 400, "title", "PATCH", "/lists/1", json.dumps({"name": "x", "title": "x"}))


def test_a_name_that_no_text_can_hold_is_refused(busy_api: Api, todo_id: int) -> None:
    refuses_json(busy_api, 400, "body", "POST", "/todos", '{"title": "x", "\\ud800": 1}')
    refuses_json(busy_api, 400, "[0]", "PATCH", "/todos", f'[{{"id": {todo_id}, "\\ud800": 1}}]')
    refuses_json(busy_api, 400, "?", "POST", "/todos", '{"\\ud800": 1, "\\ud800": 1}')


def test_a_name_as_long_as_the_body_is_refused_in_few_words(busy_api: Api, todo_id: int) -> None:
    refuses_json(busy_api, 400, "k" * 64, "POST", "/todos", json.dumps({"title": "x", "k" * 1_000_000: 1}))
    refuses_json(busy_api, 400, f"[0].{'k' * 64}", "PATCH", "/todos", json.dumps([{"id": todo_id, "k" * 1_000_000: 1}]))


@pytest.mark.parametrize(
    "value",
    ["{0}.0", "{0}e0", "true", "null", '"{0}"', "[]", "{{}}", "0", "-1", str(2**31), str(2**63), "9" * 4_000],
)
def test_a_batch_with_an_id_that_is_none_is_refused(busy_api: Api, todo_id: int, value: str) -> None:
    other = value.format(todo_id + 1)  # is there too, and must not be found by another spelling
    body = f'[{{"id": {todo_id}, "title": "changed"}}, {{"id": {other}, "title": "changed"}}]'
    refuses_json(busy_api, 400, "[1].id", "PATCH", "/todos", body)


def test_a_batch_without_ids_with_one_twice_or_with_too_many_is_refused(busy_api: Api, todo_id: int) -> None:
    change = {"id": todo_id, "title": "changed"}
    refuses_json(busy_api, 400, "[1].id", "PATCH", "/todos", json.dumps([change, {"title": "x"}]))
    refuses_json(busy_api, 400, "[2].id", "PATCH", "/todos", json.dumps([change, {"id": todo_id + 1}, {"id": todo_id}]))
    refuses_json(busy_api, 400, "[1].id", "PATCH", "/todos", json.dumps([change, {"id": todo_id, "deleted": True}]))
    refuses_json(busy_api, 400, "body", "PATCH", "/todos", json.dumps([{"id": number + 1} for number in range(10_001)]))
    for item in ("null", "[]", "1", '"x"', "true"):
        refuses_json(busy_api, 400, "[1]", "PATCH", "/todos", f"[{json.dumps(change)}, {item}]")


@pytest.mark.parametrize("value", ["-1", "0.0", "1e0", "true", "null", '"0"', '""', "[]", "{}"])
@pytest.mark.parametrize("deleted", ["true", "false"])
def test_a_sequence_that_is_none_refuses_the_batch(busy_api: Api, todo_id: int, value: str, deleted: str) -> None:
    other = f'{{"id": {todo_id + 1}, "title": "changed", "deleted": {deleted}, "if_sequence": {value}}}'
    body = f'[{{"id": {todo_id}, "title": "changed"}}, {other}]'
    refuses_json(busy_api, 400, "[1].if_sequence", "PATCH", "/todos", body)


def test_a_condition_belongs_to_batches_alone(busy_api: Api, todo_id: int) -> None:
    body = '{"title": "changed", "if_sequence": 0}'
    refuses_json(busy_api, 400, "if_sequence", "PUT", f"/todos/{todo_id}", body)
    refuses_json(busy_api, 400, "if_sequence", "POST", "/todos", body)


WRONG_STAMPS: list[Any] = [None, 1, 0, 1.5, True, [], {}, ["1"], "1" * 21, "\ud800" * 21, 10**4_000]
WRONG_SYNC: list[tuple[str, Any]] = [
    *each("limit", None, 0, -1, 101, 1.0, 1.5, True, "10", "", [], {}, 2**63, 10**4_000),
    *each("chunks", None, 1, True, "", "0", [], [0], ["0"]),
    *[("chunks", {name: "1"}) for name in ("", " ", "-1", "+1", "1.0", "1e0", "01", "00", "0x1", "1_0", " 1", "1\n")],
    *[("chunks", {"0": "1", name: "1"}) for name in ("x", "\x00", "١", "１", "9" * 11, "9" * 5_000, "\ud800", "null")],
    *each("chunks", *({"0": stamp} for stamp in WRONG_STAMPS)),
    ("chunks", {str(number): "1" for number in range(100_001)}),
    ("chunks", {f"x{number}": number for number in range(100_000)}),
    *each("more", True),
    *each("list_id", 1),
]


@pytest.mark.parametrize(("field", "value"), WRONG_SYNC, ids=lambda part: ascii(part)[:40])
def test_what_a_client_cannot_know_of_a_list_is_refused(busy_api: Api, todo_id: int, field: str, value: Any) -> None:
    refuses_json(busy_api, 400, field, "POST", "/lists/1/sync", json.dumps({"chunks": {}, "limit": 1, field: value}))


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "europe/berlin", "\x00", "Europe/Berlin ", 1]
)
def test_a_time_zone_that_there_is_not_is_refused(busy_api: Api, todo_id: int, zone: Any) -> None:
    refuses_json(busy_api, 400, "time_zone", "PATCH", "/lists/1", json.dumps({"name": "changed", "time_zone": zone}))


@pytest.mark.parametrize("name", [None, "", " ", 1, "x" * 256, "\x00", "\ud800"])
def test_a_list_name_that_is_none_is_refused(busy_api: Api, todo_id: int, name: Any) -> None:
    refuses_json(busy_api, 400, "name", "PATCH", "/lists/1", json.dumps({"name": name, "time_zone": "Europe/Berlin"}))
