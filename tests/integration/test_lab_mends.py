"""Each mend of moto has a test that fails without it: the conformance suite, asked of moto as it is."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest

from tests.conftest import running
from tests.running import ROOT
from tests.servers import SqsServer

AT_ONCE = "2"


def outcomes(*options: str, endpoint: str, report: str) -> dict[str, bool]:
    """Whether each chosen test of the suite passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", f"--junit-xml={report}"]
    # Without patience: what moto does not do at once it never does. Side by side, for nearly all of it is waiting; each
    # test has its own queues.
    options = ("tests/conformance", "--endpoint-url", endpoint, "--patience", "3", "--numprocesses", AT_ONCE, *options)
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, timeout=300, check=False, text=True)
    assert done.returncode in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), done.stdout + done.stderr
    cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314 (our own file)
    return {f"{case.get('classname')}.{case.get('name')}": case.find("failure") is None for case in cases}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_moto_as_it_is_fails_the_tests_of_what_is_mended_and_passes_the_others(tmp_path: object) -> None:
    with running(SqsServer) as moto, ThreadPoolExecutor() as both:
        runs = [
            both.submit(outcomes, "-m", marked, endpoint=moto.endpoint, report=f"{tmp_path}/{marked}.xml")
            for marked in ("mend", "not mend")
        ]
        mended, others = (run.result() for run in runs)
    assert mended
    assert others
    assert [name for name, passed in mended.items() if passed] == []
    assert [name for name, passed in others.items() if not passed] == []
