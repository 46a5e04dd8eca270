"""Each mend of moto has a test that fails without it: the conformance suite, asked of moto as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from tests.conftest import running
from tests.running import ROOT
from tests.servers import SqsServer


def outcomes(*options: str, endpoint: str, report: str) -> dict[str, bool]:
    """Whether each chosen test of the suite passed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", f"--junit-xml={report}"]
    # Without patience: what moto does not do at once it never does.
    options = ("tests/conformance", "--endpoint-url", endpoint, "--patience", "3", *options)
    subprocess.run([*command, *options], cwd=ROOT, capture_output=True, timeout=300, check=False, env={**os.environ})
    cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314 (our own file)
    return {f"{case.get('classname')}.{case.get('name')}": case.find("failure") is None for case in cases}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_moto_as_it_is_fails_the_tests_of_what_is_mended_and_passes_the_others(tmp_path: object) -> None:
    with running(SqsServer) as moto:
        mended = outcomes("-m", "mend", endpoint=moto.endpoint, report=f"{tmp_path}/mended.xml")
        others = outcomes("-m", "not mend", endpoint=moto.endpoint, report=f"{tmp_path}/others.xml")
    assert mended
    assert others
    assert [name for name, passed in mended.items() if passed] == []
    assert [name for name, passed in others.items() if not passed] == []
