"""Settings: read once, derived rightly, refused in one line that names the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from todo import config
from todo.errors import BadSetting


def test_unset_everything_is_kept_in_the_data_folder(tmp_path: Path) -> None:
    settings = config.load({"DATA_DIR": tmp_path})
    assert settings.database_url == f"sqlite:///{tmp_path}/taskoverflow.sqlite"
    assert settings.broker_url.startswith("filesystem://")
    assert settings.result_backend == f"file://{tmp_path}/results"


def test_a_broker_without_a_result_backend_keeps_results_nowhere() -> None:
    assert config.load({"CELERY_BROKER_URL": "redis://localhost"}).result_backend is None


def test_a_relative_sqlite_file_starts_at_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = config.load({"SQLALCHEMY_DATABASE_URI": "sqlite:///tasks.sqlite"})
    assert settings.database_url == f"sqlite:///{tmp_path}/tasks.sqlite"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_that_is_no_file_is_left_as_it_is(url: str) -> None:
    assert config.load({"SQLALCHEMY_DATABASE_URI": url}).database_url == url


def test_postgresql_is_spoken_to_by_the_driver_that_is_installed() -> None:
    settings = config.load({"SQLALCHEMY_DATABASE_URI": "postgresql://me:secret@host/todo"})
    assert settings.database_url == "postgresql+psycopg://me:secret@host/todo"


def test_loopback_and_the_public_host_are_always_trusted() -> None:
    settings = config.load({"PUBLIC_URL": "https://tasks.example.org/", "TRUSTED_HOSTS": "a.example, .b.example"})
    assert settings.trusted_hosts == (*config.LOOPBACK_HOSTS, "tasks.example.org", "a.example", ".b.example")
    assert settings.PUBLIC_URL == "https://tasks.example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SQLALCHEMY_DATABASE_URI", "mysql://localhost/todo"),
        ("SQLALCHEMY_DATABASE_URI", "no url"),
        ("SQLALCHEMY_DATABASE_URI", "postgresql+psycopg2://localhost/todo"),
        ("CELERY_BROKER_URL", "kafka://localhost"),
        ("PUBLIC_URL", "tasks.example.org"),
        ("PUBLIC_URL", "https://[half"),
        ("WINDOW_SECONDS", "soon"),
        ("WINDOW_SECONDS", "-1"),
        ("SWEEP_SECONDS", "0"),
        ("LOG_LEVEL", "loud"),
        ("CELERY_DEFAULT_QUEUE", "x" * 81),
        ("SECRET_KEY", "x" * 31),
        ("SECRET_KEY", "x" * 1_001),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_one_line_with_its_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=f"^{name}: .+$") as refused:
        config.load()
    assert "\n" not in str(refused.value)
