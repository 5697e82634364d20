"""What a user installs is whole: from a wheel, from the source distribution, and from a checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from readycheck import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DISTRIBUTION = f"readycheck_audit-{__version__}"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; its errors stand in the failure where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def files_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, with files in the packed folders that git ignores."""
    copy = tmp_path_factory.mktemp("checkout") / "project"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*cache", ".hypothesis", "dist")
    )
    for folder in ("rules", "rules/workload", "reports", "src/readycheck"):
        (copy / folder / ".env").write_text("TOKEN=not-for-shipping\n")
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target, cwd=checkout)
    return target / f"{DISTRIBUTION}-py3-none-any.whl"


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", target, cwd=checkout)
    return target / f"{DISTRIBUTION}.tar.gz"


def environment(folder: Path, *requirements: str | Path) -> Path:
    """A fresh environment's folder of programs, with the requirements installed as a user would."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", *requirements, cwd=folder)
    return programs


def rules_of_the_checkout() -> set[str]:
    rules = ROOT / "rules"
    return {file.relative_to(rules).with_suffix("").as_posix().replace("_", "-") for file in rules.rglob("*.py")}


def assert_it_works_from_elsewhere(programs: Path, elsewhere: Path) -> None:
    assert __version__ in run(programs / "readycheck", "--version", cwd=elsewhere)
    listed = run(programs / "readycheck", "rules", "list", cwd=elsewhere).split()
    assert rules_of_the_checkout() <= set(listed)


def test_the_wheel_holds_code_rules_and_reports_and_nothing_else(wheel: Path) -> None:
    metadata = f"{DISTRIBUTION}.dist-info"
    expected = {
        f"{metadata}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    for folder, packed in (("src/readycheck", ""), ("rules", "rules/"), ("reports", "reports/")):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and file.name != ".env":
                expected.add(f"readycheck/{packed}{file.relative_to(ROOT / folder).as_posix()}")
    assert files_in(wheel) == expected
    assert "readycheck/rules/workload/replicas.py" in expected
    assert "readycheck/py.typed" in expected


def test_an_installed_wheel_finds_its_rules(wheel: Path, tmp_path: Path) -> None:
    assert_it_works_from_elsewhere(environment(tmp_path / "venv", wheel), tmp_path)


def test_an_editable_install_finds_the_rules_of_the_checkout(checkout: Path, tmp_path: Path) -> None:
    programs = environment(tmp_path / "venv", "--editable", checkout)
    assert_it_works_from_elsewhere(programs, tmp_path)
    added = checkout / "rules" / "workload" / "added_just_now.py"
    shutil.copy(checkout / "rules" / "workload" / "replicas.py", added)
    try:
        assert "workload/added-just-now" in run(programs / "readycheck", "rules", "list", cwd=tmp_path)
    finally:
        added.unlink()


def test_the_source_distribution_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, sdist, cwd=tmp_path)
    rebuilt = tmp_path / wheel.name
    assert files_in(rebuilt) == files_in(wheel)
    with zipfile.ZipFile(rebuilt) as one, zipfile.ZipFile(wheel) as other:
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == []


def test_the_source_distribution_can_check_itself(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "tests/conftest.py", "rules/workload/replicas.py"} <= files
    assert {file for file in files if file.rpartition("/")[2] == ".env" and not file.startswith("fixtures/")} == set()
