"""A bundle's digest is of its content; its archive is the same bytes everywhere."""

from __future__ import annotations

import io
import pkgutil
import tarfile
from pathlib import Path

import flyte_runtime
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.notation.versions import version_of
from pulumi_flyte.platforms.runtime_library import library_files
from pulumi_flyte.source.bundle import Bundle, collect

paths = st.from_regex(r"[a-z]{1,6}(/[a-z]{1,6}){0,2}\.py", fullmatch=True)
contents = st.dictionaries(paths, st.binary(max_size=50), min_size=1, max_size=6)


@given(contents)
def test_equal_files_in_any_order_have_one_digest_and_one_archive(files: dict[str, bytes]) -> None:
    turned = dict(reversed(list(files.items())))
    assert Bundle(files).digest == Bundle(turned).digest
    assert Bundle(files).archive() == Bundle(turned).archive()


@given(contents, st.data())
def test_another_byte_is_another_digest(files: dict[str, bytes], data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(sorted(files)))
    assert Bundle({**files, changed: files[changed] + b"x"}).digest != Bundle(files).digest


@given(contents)
def test_the_archive_holds_the_files(files: dict[str, bytes]) -> None:
    with tarfile.open(fileobj=io.BytesIO(Bundle(files).archive())) as tar:
        contents = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    assert contents == files


def test_moving_content_between_files_is_another_digest() -> None:
    assert Bundle({"a.py": b"bc", "d.py": b""}).digest != Bundle({"a.py": b"b", "d.py": b"c"}).digest


def test_two_folders_with_equal_files_have_one_digest(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("x = 1\n")
    files = {"app.py": "app.py"}
    assert collect(tmp_path / "here", files).digest == collect(tmp_path / "there", files).digest


def test_a_version_ignores_the_order_of_keys_and_nothing_else() -> None:
    assert version_of({"a": 1, "b": [1, 2]}) == version_of({"b": [1, 2], "a": 1})
    assert version_of({"a": 1, "b": [1, 2]}) != version_of({"a": 1, "b": [2, 1]})


def test_on_flyte_a_bundle_brings_the_runtime_library_with_its_packages(tmp_path: Path) -> None:
    for name, content in library_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert modules(tmp_path / "flyte_runtime") == modules(Path(flyte_runtime.__file__).parent)


def modules(package: Path) -> set[str]:
    """Return the modules that can be imported from the folder."""
    return {module.name for module in pkgutil.walk_packages([str(package)], "flyte_runtime.")}
