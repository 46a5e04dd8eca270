"""The supervisor with tiny scripts as parts: what comes out, what is started again, what is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.processes import DEADLINE_SECONDS, Watched, wait_for
from todo import supervisor
from todo.merged_output import DRAIN_SECONDS, MergedOutput

# Loads the supervisor without the package around it: quick, and it shows that it needs nothing of the product.
DRIVER = """
import sys, types
package = types.ModuleType("todo")
package.__path__ = [sys.argv[1]]
sys.modules["todo"] = package
from todo import merged_output, supervisor
parts, constants = eval(sys.argv[2])
vars(supervisor).update(constants)
parts = [supervisor.Part(name, argv) for name, argv in parts]
output = merged_output.MergedOutput(1, [part.name for part in parts], colour=False)
supervisor.Supervisor(parts, output).run()
output.close()
"""

FOREVER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
)
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FOREVER!r}])\n"

Supervise = Callable[..., Watched]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Starts a supervisor of scripts or commands; keyword arguments in capitals replace its constants."""
    started: list[Watched] = []

    def start(*prefix: str, read: bool = True, **given: Any) -> Watched:
        constants = {name: value for name, value in given.items() if name.isupper()}
        parts = [
            (name, [sys.executable, "-c", part] if isinstance(part, str) else part)
            for name, part in given.items()
            if not name.isupper()
        ]
        package = str(Path(supervisor.__file__).parent)
        command = [*prefix, sys.executable, "-c", DRIVER, package, repr((parts, constants))]
        started.append(Watched(command, read=read))
        return started[-1]

    yield start
    for one in started:
        one.end()


def process_of(script: str, watched: Watched) -> psutil.Process:
    return next(process for process in watched.living() if process.cmdline()[1:] == ["-c", script])


def test_lines_of_both_streams_carry_the_name_of_their_part(supervise: Supervise) -> None:
    noisy = "import sys, time; print('out', flush=True); print('err', file=sys.stderr); time.sleep(600)"
    running = supervise(web=noisy, worker=noisy)
    for line in (b"web    | out", b"web    | err", b"worker | out", b"worker | err"):
        running.see(line)


def test_bytes_that_are_not_utf_8_and_very_long_lines_come_through_unchanged(supervise: Supervise) -> None:
    script = r"import os, time; os.write(1, b'\xff\xfe\x00\n' + b'x' * 500_000 + b'\n'); time.sleep(600)"
    running = supervise(a=script)
    running.see(b"a | \xff\xfe\x00")
    running.see(b"a | " + b"x" * 500_000)


def test_output_without_line_ends_comes_out_in_pieces(supervise: Supervise) -> None:
    running = supervise(a="import os, time; os.write(1, b'x' * 300_000); time.sleep(600)", LINE_BYTES=50_000)
    wait_for(lambda: sum(line.count(b"x") for line in running.lines) > 200_000, lambda: str(running.lines))


def test_the_last_words_of_a_dying_part_come_out(supervise: Supervise, tmp_path: Path) -> None:
    go = tmp_path / "go"
    script = (
        f"import os, pathlib, time; go = pathlib.Path({str(go)!r}); print('waiting', flush=True)\n"
        "while not go.exists(): time.sleep(0.01)\n"
        "go.unlink(); os.write(1, b'x' * 3_000 + b'last words')"
    )
    running = supervise(a=script, READ_BYTES=1_000)
    running.see(b"a | waiting")
    part = process_of(script, running)
    running.process.send_signal(signal.SIGSTOP)  # so that all of it is still in the pipe at the death
    go.touch()
    wait_for(lambda: part.status() == psutil.STATUS_ZOMBIE, lambda: "the part lives")
    running.process.send_signal(signal.SIGCONT)
    running.see(b"a | " + b"x" * 3_000 + b"last words")


def test_a_flood_arrives_whole_and_in_order_beside_another_part(supervise: Supervise) -> None:
    flood = "for n in range(20_000): print(n, 'x' * 60)\nimport time; time.sleep(600)"
    running = supervise(a=flood, b=flood)
    running.see(b"a | 19999 " + b"x" * 60)
    running.see(b"b | 19999 " + b"x" * 60)
    for name in (b"a", b"b"):
        mine = [line for line in running.lines if line.startswith(name)]
        assert mine == [b"%b | %d %b" % (name, n, b"x" * 60) for n in range(20_000)]


def test_a_reader_that_pauses_blocks_no_part_and_is_told_what_it_missed(supervise: Supervise, tmp_path: Path) -> None:
    done = tmp_path / "done"
    flood = (
        "import os, pathlib, time\n"
        "for _ in range(2_000): os.write(1, b'x' * 9_999 + b'\\n')\n"
        f"pathlib.Path({str(done)!r}).touch()\n"
        "while True: print('after', flush=True); time.sleep(0.05)"
    )
    running = supervise(a=flood, read=False)
    wait_for(done.exists, lambda: "the part is blocked")
    running.read()
    running.see(b"a | after")
    assert any(line.endswith(b"lines left out: not read fast enough)") for line in running.lines)


def test_a_paused_reader_does_not_hold_up_the_stop(supervise: Supervise, tmp_path: Path) -> None:
    done = tmp_path / "done"
    flood = (
        "import os, pathlib, time; os.write(1, b'x\\n' * 500_000)\n"
        f"pathlib.Path({str(done)!r}).touch(); time.sleep(600)"
    )
    running = supervise(a=flood, read=False)
    wait_for(done.exists, lambda: "the part is blocked")
    running.stops()


def test_the_parts_go_on_when_nobody_reads_any_more(supervise: Supervise, tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    script = (
        "import pathlib, time\n"
        "for n in range(10_000):\n"
        f"    print(n, flush=True); pathlib.Path({str(beat)!r}).write_text(str(n)); time.sleep(0.01)"
    )
    running = supervise(a=script, read=False)
    wait_for(lambda: beat.exists() and beat.read_text(), lambda: "not started")
    assert running.process.stdout
    running.process.stdout.close()
    before = int(beat.read_text() or 0)
    wait_for(lambda: int(beat.read_text() or 0) > before + 50, lambda: "the part stands still")
    running.stops()


def test_writing_to_nobody_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    output = MergedOutput(writing, ["a"], colour=False)
    output.put("a", b"unheard")
    output.close()
    os.close(writing)


@pytest.mark.parametrize(
    ("colour", "written"),
    [(False, b"a | hello\nby the way\n"), (True, b"\x1b[36ma | \x1b[0mhello\n\x1b[1mby the way\x1b[0m\n")],
)
def test_lines_are_coloured_on_request_alone(*, colour: bool, written: bytes) -> None:
    reading, writing = os.pipe()
    output = MergedOutput(writing, ["a"], colour=colour)
    output.put("a", b"hello")
    output.say("by the way")
    output.close()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == written


def test_a_part_that_dies_is_started_again_ever_more_slowly(supervise: Supervise) -> None:
    running = supervise(a="raise SystemExit(3)", b=FOREVER, LONGEST_DELAY_SECONDS=0.5)
    running.see(b"a ended with exit code 3; starting it again in 0.2 s")
    running.see(b"a ended with exit code 3; starting it again in 0.4 s")
    running.see(b"a ended with exit code 3; starting it again in 0.5 s", times=2)
    assert running.count(b"b | up") == 1
    assert running.count(b"a ended with exit code 3; starting it again in 0.2 s") == 1


def test_a_part_that_was_healthy_is_started_again_soon(supervise: Supervise) -> None:
    running = supervise(a="import time; time.sleep(0.3)", HEALTHY_SECONDS=0.2)
    running.see(b"a ended with exit code 0; starting it again in 0.2 s", times=3)


def test_what_a_killed_part_left_running_is_ended_before_the_next_start(supervise: Supervise) -> None:
    script = WITH_CHILD + "import time; time.sleep(600)"
    running = supervise(a=script)
    running.see(b"a | up")
    orphan = process_of(FOREVER, running)
    process_of(script, running).kill()
    running.see(b"a was killed by SIGKILL; starting it again in 0.2 s")
    running.see(b"a | up", times=2)
    assert orphan not in running.living()
    running.stops()


def test_a_program_that_does_not_exist_is_named_and_tried_again(supervise: Supervise) -> None:
    running = supervise(a=["/no/such/program"], b=FOREVER)
    running.see(b"a | cannot start /no/such/program: No such file or directory")
    running.see(b"a ended with exit code 1; starting it again in 0.4 s")
    running.see(b"b | up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_every_part_and_is_no_failure(supervise: Supervise, number: signal.Signals) -> None:
    last_words = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit('bye'))\n" + FOREVER
    running = supervise(a=last_words, b=FOREVER, c="raise SystemExit(1)")
    running.see(b"a | up")
    running.see(b"b | up")
    running.stops(number)
    running.see(b"a | bye")
    assert not any(re.match(rb"[ab] .*starting it again", line) for line in running.lines)


def test_a_part_that_ignores_the_stop_is_killed_with_all_its_children(supervise: Supervise) -> None:
    running = supervise(a=STUBBORN + WITH_CHILD + FOREVER, STOP_SECONDS=0.3)
    running.see(b"a | up", times=2)
    running.stops()
    running.see(b"a has not stopped: killed")


def test_a_stop_takes_less_than_five_seconds_by_its_bounds() -> None:
    assert supervisor.STOP_SECONDS + supervisor.GONE_SECONDS + DRAIN_SECONDS < 5


def test_a_second_interrupt_kills_at_once(supervise: Supervise) -> None:
    running = supervise(a=STUBBORN + FOREVER, STOP_SECONDS=600)
    running.see(b"a | up")
    running.process.send_signal(signal.SIGINT)
    running.see(b"Stopping (Ctrl-C again kills at once)")
    running.stops(signal.SIGINT)


def test_a_hang_up_is_ignored_under_nohup(supervise: Supervise) -> None:
    running = supervise("nohup", a="import time\nwhile True: print('beat', flush=True); time.sleep(0.02)")
    running.see(b"a | beat")
    running.process.send_signal(signal.SIGHUP)
    seen = running.count(b"a | beat")
    running.see(b"a | beat", times=seen + 20)
    running.stops()


def test_a_part_has_its_own_session_out_of_the_reach_of_the_terminal(supervise: Supervise) -> None:
    running = supervise(a="import os, time; print(os.getsid(0) == os.getpid(), flush=True); time.sleep(600)")
    running.see(b"a | True")


def test_a_killed_supervisor_leaves_no_part_behind(supervise: Supervise) -> None:
    running = supervise(a=FOREVER, b=FOREVER)
    running.see(b"b | up")
    running.see(b"a | up")
    process_of(FOREVER, running).kill()  # one of the two is a second start by now
    wait_for(lambda: running.count(b"a | up") + running.count(b"b | up") == 3, lambda: str(running.lines))
    running.process.kill()
    running.leaves_nothing()


def test_a_part_does_not_start_when_the_supervisor_is_gone_already() -> None:
    somebody_else = str(os.getppid())
    command = [sys.executable, "-c", supervisor.LAUNCHER, somebody_else, sys.executable, "-c", "print('started')"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=DEADLINE_SECONDS)
    assert (done.returncode, done.stdout) == (1, b"")
