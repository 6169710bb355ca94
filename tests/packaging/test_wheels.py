"""The wheels as a package index shows them: who made them, under which licence, and links that lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest
from pulumi_flyte.version import VERSION

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = ("pulumi-flyte", "flyte-runtime", "flyte-local")
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of each distribution, built from this checkout."""
    uv = shutil.which("uv", path=os.pathsep.join([os.environ["PATH"], str(ROOT / ".tools/bin")]))
    assert uv, "there is no uv: run `make tools`"
    folder = tmp_path_factory.mktemp("wheels")
    command = [uv, "build", "--quiet", "--wheel", "--all-packages", "--out-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    return {name: next(folder.glob(f"{name.replace('-', '_')}-*.whl")) for name in DISTRIBUTIONS}


def metadata(wheel: Path) -> Message:
    """Return the metadata that a package index reads."""
    with zipfile.ZipFile(wheel) as archive:
        folder = "-".join(wheel.name.split("-")[:2])
        return HeaderParser().parsestr(archive.read(f"{folder}.dist-info/METADATA").decode())


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_wheel_says_who_made_it_what_it_is_and_where_it_is_from(wheels: dict[str, Path], name: str) -> None:
    fields = metadata(wheels[name])
    assert (fields["Name"], fields["Version"]) == (name, VERSION)
    assert fields["Summary"]
    assert fields["Author"]
    assert fields["License-Expression"] == "Apache-2.0"
    assert {"Homepage", "Documentation", "Repository", "Issues", "Changelog"} <= {
        url.partition(",")[0] for url in fields.get_all("Project-URL", [])
    }
    assert "Typing :: Typed" in fields.get_all("Classifier", [])
    assert fields["Requires-Python"] == ">=3.10"


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_wheel_has_the_licence(wheels: dict[str, Path], name: str) -> None:
    with zipfile.ZipFile(wheels[name]) as archive:
        licence = next(item for item in archive.namelist() if item.endswith(".dist-info/licenses/LICENSE"))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_description_has_no_link_that_needs_the_repository_beside_it(wheels: dict[str, Path], name: str) -> None:
    fields = metadata(wheels[name])
    assert fields["Description-Content-Type"].startswith("text/markdown")
    text = str(fields.get_payload())
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets
    assert [target for target in targets if not target.startswith("https://")] == []
    for target in targets:
        inside = target.partition("/pulumi-flyte/pulumi-flyte/blob/main/")[2].partition("#")[0]
        assert not inside or (ROOT / inside).exists(), f"{target} leads nowhere"
