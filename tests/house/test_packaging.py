"""What is shipped: four packages that nobody else owns, a lock without addresses, a licence."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from ops.doctor import OURS, ROOMS
from ops.install import STAMP

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Package -> version that the lock file pins for this Python and machine."""
    entries = [
        Requirement(line.rstrip(" \\"))
        for line in LOCK.splitlines()
        if line and not line.startswith((" ", "#"))
    ]
    return {
        normal(entry.name): str(entry.specifier).removeprefix("==")
        for entry in entries
        if entry.marker is None or entry.marker.evaluate()
    }


def wanted() -> set[str]:
    """Every package that pyproject.toml asks for directly."""
    project = PROJECT["project"]
    asked = list(project["dependencies"]) + PROJECT["dependency-groups"]["dev"]
    for extra in project["optional-dependencies"].values():
        asked += extra
    return {normal(re.split(r"[\[<>=!~; ]", entry)[0]) for entry in asked}


def test_nobody_else_owns_the_names_of_our_rooms() -> None:
    owners = metadata.packages_distributions()

    assert {room: set() for room in ROOMS} == {
        room: set(owners.get(room, [])) - {OURS} for room in ROOMS
    }


def test_the_lock_pins_everything_that_is_asked_for_with_hashes() -> None:
    assert set() == wanted() - set(locked())
    for entry in re.split(r"(?m)^(?=[\w.-]+==)", LOCK)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_lock_names_no_address() -> None:
    assert "://" not in LOCK
    assert "index" not in {line.split("=")[0].strip("- ") for line in LOCK.splitlines()}


def test_what_is_installed_is_what_the_lock_says() -> None:
    if not (Path(sys.prefix) / STAMP).exists():
        return  # an environment that somebody made by hand
    installed = {normal(d.name): d.version for d in metadata.distributions()}

    assert {} == {
        name: (version, installed[name])
        for name, version in locked().items()
        if name in installed and installed[name] != version
    }


def test_the_wheel_holds_our_four_packages_and_what_they_read(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert {*ROOMS} == {name.split("/")[0] for name in names if ".dist-info" not in name}
    for needed in (
        "ops/kafka/pom.xml",
        "ops/kafka/log4j2.properties",
        "services/programmes/dak-lak-guidance-2012.yaml",
        *(f"{room}/py.typed" for room in ROOMS),
    ):
        assert needed in names
    assert any(name.startswith("schemas/avro/") and name.endswith(".avsc") for name in names)


def test_the_licence_is_the_whole_of_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache-2.0" == PROJECT["project"]["license"]
    for heading in ("TERMS AND CONDITIONS", "9. Accepting Warranty", "END OF TERMS AND CONDITIONS"):
        assert heading in text
    assert len(text.splitlines()) > 170


def test_the_launcher_says_what_it_needs_where_no_python_is(tmp_path: Path) -> None:
    """An empty folder of tools, but for those that the launcher itself calls."""
    for tool in ("sh", "dirname", "readlink", "cmp"):
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True)
        (tmp_path / tool).symlink_to(found.stdout.strip())
    (tmp_path / "lienthong").write_bytes((ROOT / "lienthong").read_bytes())
    (tmp_path / "requirements.lock").touch()
    done = subprocess.run(
        [str(tmp_path / "sh"), str(tmp_path / "lienthong"), "doctor"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (3, "Lienthong needs Python 3.11 or later; none is on the path.\n") == (
        done.returncode,
        done.stderr,
    )
