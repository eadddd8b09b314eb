"""Runs a long command quietly: its output goes to a log file, progress to standard output."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

#: Seconds between two signs of life where standard output is no terminal (a log of CI).
QUIET_INTERVAL = 15.0
#: Lines of the log that are shown when the command fails.
TAIL = 25


def run_logged(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    count: Callable[[], str] | None = None,
) -> None:
    """Runs `command` to its end and shows the elapsed seconds, and what `count` says, meanwhile.

    Raises:
        subprocess.CalledProcessError: the command failed; the end of its output has been printed.
        OSError: the command cannot be started.
    """
    words = [str(word) for word in command]
    on_terminal = sys.stdout.isatty()
    end_of_line = "\033[K\r" if on_terminal else "\n"
    started = shown = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        print(f"$ {' '.join(words)}", file=output, flush=True)
        start_of_output = output.tell()
        with subprocess.Popen(
            words, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process:
            while process.poll() is None:
                time.sleep(0.1 if time.monotonic() - started < 1 else 0.5)
                now = time.monotonic()
                if on_terminal or now - shown >= QUIET_INTERVAL:
                    extra = f", {count()}" if count else ""
                    print(f"  {now - started:.0f} s{extra}", end=end_of_line, flush=True)
                    shown = now
    if on_terminal:
        print("\033[K", end="\r", flush=True)
    if process.returncode:
        with log.open() as output:
            output.seek(start_of_output)
            lines = output.read().splitlines()
        print("\n".join(lines[-TAIL:]), file=sys.stderr, flush=True)
        raise subprocess.CalledProcessError(process.returncode, " ".join(words))
