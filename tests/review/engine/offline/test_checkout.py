"""Files of a Git reference, without a change of the repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pulumi_flyte_review.engine.offline.checkout import checkout, is_tracked
from pulumi_flyte_review.errors import CheckoutError

from tests.review.engine.offline.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.commit({"infra/a.py": "one", "infra/b.py": "two", ".gitattributes": "infra/b.py export-ignore\n"})
    return repository


def test_a_reference_has_its_files_and_not_those_of_the_working_tree(repository: Repository) -> None:
    repository.write({"infra/a.py": "changed", "infra/c.py": "new"})
    with checkout("HEAD", repository.folder / "infra") as folder:
        assert {path.name: path.read_text() for path in folder.iterdir()} == {"a.py": "one", "b.py": "two"}
    assert not folder.exists()


def test_a_checkout_changes_nothing_in_the_repository(repository: Repository) -> None:
    before = {path: path.stat().st_mtime_ns for path in (repository.folder / ".git").rglob("*") if path.is_file()}
    with checkout("HEAD", repository.folder):
        pass
    after = {path: path.stat().st_mtime_ns for path in (repository.folder / ".git").rglob("*") if path.is_file()}
    assert before == after


def test_a_folder_that_the_reference_lacks_does_not_exist(repository: Repository) -> None:
    (repository.folder / "new").mkdir()
    with checkout("HEAD", repository.folder / "new") as folder:
        assert not folder.exists()


@pytest.mark.parametrize("reference", ["no-such-branch", "--help", "HEAD~7"])
def test_an_unknown_reference_is_one_message_with_a_way_out(repository: Repository, reference: str) -> None:
    with (
        pytest.raises(CheckoutError, match=r"this Git repository has no such commit; name a branch"),
        checkout(reference, repository.folder),
    ):
        pass


def test_a_shallow_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(tmp_path / "clone"))
    with pytest.raises(CheckoutError, match="fetch-depth"), checkout("HEAD~1", tmp_path / "clone"):
        pass


def test_a_folder_without_a_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckoutError, match="is not in one: run the command in a clone"), checkout("HEAD", tmp_path):
        pass


def test_submodules_have_the_files_of_the_base(repository: Repository, tmp_path: Path) -> None:
    library = Repository(tmp_path / "library")
    library.commit({"answer.py": "old"})
    repository.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.folder), "infra/library"
    )
    repository.commit()
    inside = Repository.at(repository.folder / "infra" / "library")
    inside.commit({"answer.py": "new"})
    repository.commit()
    with checkout("HEAD~1", repository.folder / "infra") as folder:
        assert (folder / "library" / "answer.py").read_text() == "old"
    with checkout("HEAD~1", inside.folder) as folder:
        assert (folder / "answer.py").read_text() == "old"

    # A clone that lacks the base's commit of the submodule.
    commit = library.git("rev-parse", "HEAD").strip()
    elsewhere = Repository(tmp_path / "elsewhere")
    elsewhere.commit({"answer.py": "new"})
    shutil.rmtree(inside.folder)
    repository.git("clone", "--quiet", str(elsewhere.folder), "infra/library")
    with (
        pytest.raises(CheckoutError, match=rf"the submodule infra/library lacks commit {commit[:12]}"),
        checkout("HEAD~1", repository.folder),
    ):
        pass

    # No clone at all: the working tree has nothing of it either.
    shutil.rmtree(inside.folder)
    with checkout("HEAD~1", repository.folder / "infra") as folder:
        assert not (folder / "library").exists() or not list((folder / "library").iterdir())


def test_only_files_that_git_knows_are_tracked(repository: Repository, tmp_path: Path) -> None:
    repository.write({"infra/c.py": "new"})
    assert is_tracked(repository.folder / "infra" / "a.py")
    assert not is_tracked(repository.folder / "infra" / "c.py")
    assert not is_tracked(tmp_path / "elsewhere.py")
