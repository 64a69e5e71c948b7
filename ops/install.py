"""First use: makes the virtual environment from the lock file, with Python's own tools alone."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

EXIT_BROKEN = 3
STAMP = "installed.lock"
TRIES_MAX = 3
BAR_WIDTH = 30


def main(root: Path) -> int:
    """Install what requirements.lock names into `root/.venv`; 0, or 3 with a sentence.

    The copy of the lock file in the environment is written last: without it the installation
    counts as unfinished and is done again. Two launchers at once: one installs, one waits.
    """
    lock, folder = root / "requirements.lock", root / ".venv"
    folder.mkdir(exist_ok=True)
    with (folder / "install.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        stamp = folder / STAMP
        if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
            return 0
        print(f"First use: installing what {lock.name} names into {folder}", file=sys.stderr)
        try:
            venv.create(folder, with_pip=True, symlinks=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"Python cannot make a virtual environment here: {error}", file=sys.stderr)
            return EXIT_BROKEN
        if not any(_install(folder, lock) for _ in range(TRIES_MAX)):
            print("The installation failed; pip's words are above.", file=sys.stderr)
            return EXIT_BROKEN
        shutil.copyfile(lock, stamp)
    return 0


def _install(folder: Path, lock: Path) -> bool:
    """One try of pip, shown as a bar that counts packages."""
    total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    command = [*pip, "install", "--require-hashes", "--no-deps", "--progress-bar=off"]
    said: list[str] = []
    started, seen = time.monotonic(), 0
    with subprocess.Popen(
        [*command, "-r", str(lock)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if line.startswith(("Collecting ", "Installing ")):
                seen += line.startswith("Collecting ")
                _draw(seen, total, time.monotonic() - started, line)
    ended = process.returncode
    print(file=sys.stderr)
    if ended:
        print("".join(said[-15:]), file=sys.stderr)
    return ended == 0


def _draw(seen: int, total: int, seconds: float, line: str) -> None:
    share = min(1.0, seen / max(1, total))
    bar = "#" * round(share * BAR_WIDTH)
    doing = "writing files" if line.startswith("Installing") else f"{seen} packages"
    # On a terminal one line that fills; in a log a line now and then.
    drawn_over = sys.stderr.isatty()
    if drawn_over or line.startswith("Installing") or seen % 20 == 1:
        text = f"[{bar:<{BAR_WIDTH}}] {doing:<16} {seconds:4.0f} s"
        print(text, end="\r" if drawn_over else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
