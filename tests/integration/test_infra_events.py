"""The Terraform of `infra/events`: in order, strict about its variables, and good for what it says, on the laboratory.

Needs Terraform, and the AWS provider in a folder of this machine: none is fetched. Debian has neither, so where they
are missing the tests are skipped, with CI set too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.conformance.lab_server import LabServer
from tests.integration.sink_places import event
from tests.running import ROOT
from todo.sinks import open_sink

FOLDER = ROOT / "infra" / "events"
MIRRORS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/*",
)
"""Where Terraform itself looks for providers, and where else a machine may have them."""
PROVIDER = "*/hashicorp/aws"
STEP_SECONDS = 100.0
"""For what takes seconds."""
CHANGE_SECONDS = 240.0
"""The provider looks again and again whether what it made of a queue stays so: 25 seconds for each of three stages."""
NAME = "fan-out"  # the laboratory has a topic and queues of the names that are the default


def mirror() -> Path | None:
    """The folder of this machine that holds the provider."""
    for pattern in MIRRORS:
        path = Path(pattern).expanduser()
        for folder in path.parent.glob(path.name):
            if next(folder.glob(PROVIDER), None) is not None:
                return folder
    return None


class Terraform:
    """A copy of the folder, in which Terraform works: state and provider never get into the checkout."""

    def __init__(self, program: str, mirror: Path, folder: Path) -> None:
        self.folder = folder
        self._program = program
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_IN_AUTOMATION": "1",
            "AWS_REGION": "us-east-1",
        }
        self.run("init", "-backend=false", "-input=false", f"-plugin-dir={mirror}")

    def run(self, *arguments: str, seconds: float = STEP_SECONDS, good: Sequence[int] = (0,)) -> str:
        """What it prints. Fails unless it ends in time, and well."""
        process = subprocess.Popen(
            [self._program, arguments[0], "-no-color", *arguments[1:]],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # the provider is a process of its own
                process.communicate()
        assert process.returncode in good, said
        return said


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    program, found = shutil.which("terraform"), mirror()
    if program is None:
        pytest.skip("Terraform is not installed, and Debian does not have it")
    if found is None:
        pytest.skip("the AWS provider is in no folder of this machine, and tests fetch none")
    return Terraform(program, found, tmp_path / "events")


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer(strict=True) as lab, pytest.MonkeyPatch.context() as patch:
        for name, value in lab.environment.items():
            patch.setenv(name, value)
        yield lab


def test_it_is_formatted_and_valid(terraform: Terraform) -> None:
    terraform.run("fmt", "-check", "-diff", "-recursive")
    found = json.loads(terraform.run("validate", "-json"))
    assert (found["valid"], found["diagnostics"]) == (True, [])


@pytest.mark.slow
@pytest.mark.timeout(STEP_SECONDS * 3)
def test_its_own_tests_pass(terraform: Terraform) -> None:
    assert "0 failed." in terraform.run("test", seconds=STEP_SECONDS * 2)


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.tf")))
def test_every_variable_and_output_is_explained(name: str) -> None:
    for block in (FOLDER / name).read_text(encoding="utf-8").split("\n}\n"):
        kind, _, rest = block.strip().partition(" ")
        if kind in ("variable", "output"):
            wanted = {"description"} | ({"type", "validation"} if kind == "variable" else set())
            assert {word for word in wanted if f"\n  {word} " not in rest} == set(), block


def read(sqs: Any, url: str) -> list[str]:
    """Ids of the events in a queue."""
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
    return [json.loads(message["Body"])["id"] for message in messages]


def names(sqs: Any) -> set[str]:
    return {url.rpartition("/")[2] for url in sqs.list_queues()["QueueUrls"]}


@pytest.mark.slow
@pytest.mark.timeout(CHANGE_SECONDS * 2 + STEP_SECONDS * 2)
def test_what_it_makes_works_stays_and_goes_away_again(terraform: Terraform, lab: LabServer) -> None:
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    before = names(sqs), sns.list_topics()["Topics"]
    terraform.environment |= {"TF_VAR_topic_name": NAME, "TF_VAR_queue_prefix": NAME, "TF_VAR_list_id": "2"}
    terraform.environment |= lab.environment
    try:
        terraform.run("apply", "-auto-approve", "-input=false", seconds=CHANGE_SECONDS)
        told = {name: one["value"] for name, one in json.loads(terraform.run("output", "-json")).items()}
        assert told["events_url"] == f"sns://arn:aws:sns:us-east-1:123456789012:{NAME}"
        made = {f"{NAME}-{ending}" for ending in ("all", "completed", "list-2")}
        assert names(sqs) - before[0] == made | {f"{name}-dlq" for name in made}

        ticked, added = event(1, 1, kind="todo.completed"), event(2, 2, kind="todo.created")
        sink = open_sink(told["events_url"])
        assert [reason for _, reason in sink.send([ticked, added])] == [None, None]
        sink.close()
        urls = told["queue_urls"]
        assert sorted(read(sqs, urls["all"])) == sorted([ticked.uuid, added.uuid])
        assert read(sqs, urls["completed"]) == [ticked.uuid]
        assert read(sqs, urls["list"]) == [added.uuid]

        assert "No changes." in terraform.run("plan", "-detailed-exitcode", "-input=false")
    finally:
        terraform.run("destroy", "-auto-approve", "-input=false", seconds=CHANGE_SECONDS)
    assert (names(sqs), sns.list_topics()["Topics"]) == before
