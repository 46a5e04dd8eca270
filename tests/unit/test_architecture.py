"""How the package is built, read from its source: imports point one way, files stay short, importing does nothing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from todo.config import Settings

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "todo"
LINES_MAX = 300

EDGES, USE_CASES, GROUND, BASE = 3, 2, 1, 0
LAYERS = {
    "todo.calendar_outline": GROUND,
    "todo.calendar_octets": GROUND,
    "todo.calendar_checks": GROUND,
    "todo.calendar_apps": GROUND,
    "todo.foreign_urls": GROUND,
    "todo.foreign": GROUND,
    "todo.visitors": USE_CASES,
    "todo.doctor": USE_CASES,
    "todo.checkup": EDGES,
    "todo": EDGES,
    "todo.cli": EDGES,
    "todo.gunicorn_conf": EDGES,
    "todo.commands": EDGES,
    "todo.interrupts": EDGES,
    "todo.lab": EDGES,
    "todo.lab_cli": EDGES,
    "todo.logs": EDGES,
    "todo.merged_output": EDGES,
    "todo.program": EDGES,
    "todo.queue_catalog": EDGES,
    "todo.queue_cli": EDGES,
    "todo.queue_options": EDGES,
    "todo.queue_runs": EDGES,
    "todo.supervisor": EDGES,
    "todo.tasks": EDGES,
    "todo.up": EDGES,
    "todo.views": EDGES,
    "todo.activity": USE_CASES,
    "todo.build_statements": USE_CASES,
    "todo.subscriptions": USE_CASES,
    "todo.builds": USE_CASES,
    "todo.database_trouble": EDGES,
    "todo.events": GROUND,
    "todo.events_cli": EDGES,
    "todo.relay": USE_CASES,
    "todo.sinks": USE_CASES,
    "todo.todo_json": GROUND,
    "todo.feed_pieces": USE_CASES,
    "todo.feeds": USE_CASES,
    "todo.jobs": USE_CASES,
    "todo.live": USE_CASES,
    "todo.outcomes": USE_CASES,
    "todo.queues": USE_CASES,
    "todo.search": USE_CASES,
    "todo.spent_keys": USE_CASES,
    "todo.sync": USE_CASES,
    "todo.todos": USE_CASES,
    "todo.cache": GROUND,
    "todo.database": GROUND,
    "todo.gzip_pieces": GROUND,
    "todo.deadlines": GROUND,
    "todo.ics": GROUND,
    "todo.ics_text": GROUND,
    "todo.look": GROUND,
    "todo.migrations": GROUND,
    "todo.models": GROUND,
    "todo.schema": GROUND,
    "todo.tokens": GROUND,
    "todo.config": BASE,
    "todo.errors": BASE,
}
# Who may know which technology; everybody else gets to it through them.
KNOWN_BY = {
    "alembic": {"todo.schema", "todo.migrations", "todo.database_trouble"},  # the last for its errors
    "amqp": {"todo.queues", "todo.sinks"},
    "apiflask": {"todo", "todo.views"},
    "celery": {"todo.tasks"},
    "click": {
        "todo.events_cli",
        "todo.commands",
        "todo.lab_cli",
        "todo.queue_catalog",
        "todo.queue_cli",
        "todo.queue_options",
    },
    "confluent_kafka": {"todo.sinks"},
    "flask": {"todo.views"},
    "flask_sqlalchemy": {"todo.models"},
    "icalendar": {"todo.calendar_checks"},
    "kombu": {"todo.tasks"},
    "moto": {"todo.lab"},
    "redis": {"todo.queues", "todo.sinks"},
    "werkzeug": {"todo.lab", "todo.views"},
}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}


def name_of(path: Path) -> str:
    """`todo.views.routes` for its file, `todo.views` for the folder's own."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
MODULES = pytest.mark.parametrize("module", FILES)


def room_of(module: str) -> str:
    """The entry of `LAYERS` that a module belongs to: itself, or the folder it is in."""
    while module not in LAYERS:
        module, dot, _ = module.rpartition(".")
        assert dot, "a new module has its place in LAYERS"
    return module


def tree_of(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def imports_of(module: str) -> Iterator[str]:
    """Full names of what a module imports, at its top or anywhere else, but for type checkers' eyes only."""
    tree = tree_of(module)
    for_type_checkers = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for part in node.body
        for inside in ast.walk(part)
    }
    for node in ast.walk(tree):
        if id(node) in for_type_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (_imported(node.module or "", alias.name) for alias in node.names)


def _imported(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in FILES else module


def own_imports_of(module: str) -> set[str]:
    """Rooms of the package that a module imports from. `from todo import __version__` is no import of the web side."""
    names = {name for name in imports_of(module) if name.split(".")[0] == "todo" and name != "todo"}
    return {room_of(name) for name in names}


@MODULES
def test_imports_point_downwards(module: str) -> None:
    layer = LAYERS[room_of(module)]
    upwards = {room for room in own_imports_of(module) if LAYERS[room] > layer}
    assert not upwards


def test_the_rooms_that_are_named_exist() -> None:
    assert set(LAYERS) == {room_of(module) for module in FILES}


@MODULES
def test_a_technology_is_known_to_its_own_room_alone(module: str) -> None:
    known = {name.split(".")[0] for name in imports_of(module)} & set(KNOWN_BY)
    assert not {technology for technology in known if room_of(module) not in KNOWN_BY[technology]}


@pytest.mark.parametrize("module", ["todo.ics", "todo.ics_text", "todo.look", "todo.deadlines", "todo.errors"])
def test_pure_modules_import_the_standard_library_alone(module: str) -> None:
    foreign = {name.split(".")[0] for name in imports_of(module)} - set(sys.stdlib_module_names)
    assert foreign <= {"todo"}
    assert own_imports_of(module) <= {"todo.deadlines", "todo.errors", "todo.ics_text", "todo.look"}


@MODULES
def test_files_stay_short(module: str) -> None:
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= LINES_MAX


@MODULES
def test_no_clock_is_read_when_a_module_is_imported(module: str) -> None:
    def at_import(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            yield child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                for outside in (*child.decorator_list, child.args):  # these run at import; the body doesn't
                    yield from at_import(outside)
            elif not isinstance(child, ast.Lambda):
                yield from at_import(child)

    calls = {ast.unparse(node.func) for node in at_import(tree_of(module)) if isinstance(node, ast.Call)}
    assert not {call for call in calls - {"func.now"} if call.rpartition(".")[2] in CLOCKS}  # that one is SQL


# Watches what its imports do to the world outside, and names the module whose import did it.
WATCH = """
import importlib, sys
module = None
def watch(event, arguments):
    writes = event == "open" and (arguments[2] & 3 or isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"))
    if module and (writes or event in ("os.mkdir", "os.rename", "socket.connect", "subprocess.Popen")):
        print(module, event, arguments)
sys.addaudithook(watch)
for module in sys.argv[1:]:
    importlib.import_module(module)
"""


def test_importing_makes_no_file_and_no_connection(tmp_path: Path) -> None:
    modules = [module for module in FILES if not module.startswith("todo.migrations")]
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    imported = subprocess.run(
        [sys.executable, "-c", WATCH, *modules],
        cwd=tmp_path,
        env={**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (imported.returncode, imported.stdout, imported.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_the_worker_finds_its_application_under_one_name_only() -> None:
    bound = {node.id for node in ast.walk(tree_of("todo.tasks.ical")) if isinstance(node, ast.Name)}
    bound |= {name.partition(".")[0] for name in imports_of("todo.tasks.ical")}
    assert "celery" in bound
    assert "app" not in bound  # `celery --app todo.tasks.ical` would take it for the application


def documented() -> set[str]:
    """Every variable that the settings' page explains in a table."""
    rows = re.findall(r"^\|([^|]+)\|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


def test_every_setting_is_documented() -> None:
    assert set(Settings.model_fields) <= documented()


def test_every_variable_read_from_the_environment_is_documented() -> None:
    read = set()
    for path in FILES.values():
        read |= set(re.findall(r"""os\.environ(?:\.get\(|\[)["']([A-Z_0-9]+)""", path.read_text(encoding="utf-8")))
    assert read
    assert read - {"NO_COLOR", "TERM"} <= documented()  # those are every terminal's, not ours
