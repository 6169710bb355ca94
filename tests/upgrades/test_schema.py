"""The schema of today serves the programs of every release, but for what the changelog names."""

from __future__ import annotations

import pytest
from pulumi_flyte.version import VERSION

from tests.upgrades.releases import FOLDER, Release, accepted_since, is_released, releases
from tools.schema_changes.comparison import breaking_changes
from tools.schema_changes.package import Package

ROOT = FOLDER.parents[1]
CHANGELOG = """\
# Changelog

## 0.3.0 (unreleased)

### Breaking

- `flyte:index:App.inputs.port` takes a name.
- `config.org` is gone.

### Added

- `flyte:index:App.inputs.ports`

## 0.2.0

### Breaking

- `flyte:index:Task.outputs.version` may be absent.
"""


@pytest.mark.parametrize("release", releases(), ids=lambda release: release.version)
def test_a_change_that_breaks_users_of_a_release_is_named_in_the_changelog(release: Release) -> None:
    released = Package.read(release.folder / "schema.json")
    changes = breaking_changes(released, Package.read(ROOT / "sdk" / "schema.json"))
    accepted = accepted_since(release, (ROOT / "CHANGELOG.md").read_text())
    refused = [str(change) for change in changes if change.path not in accepted]
    advice = (
        "Mend it as each line says, or name the path below `### Breaking` in CHANGELOG.md"
        if is_released(release)
        else f"{release.version} is not released yet: run `make release-states`"
    )
    assert not refused, "\n".join([f"these changes break programs of {release.version}. {advice}:", *refused])
    unmade = accepted - {change.path for change in changes}
    assert release != releases()[-1] or not unmade, f"CHANGELOG.md names what did not change: {sorted(unmade)}"


def test_the_version_that_is_developed_is_a_release_here_or_follows_the_newest() -> None:
    assert Release(VERSION).order >= releases()[-1].order


def test_the_changelog_names_breaking_changes_by_path() -> None:
    newer = {"flyte:index:App.inputs.port", "config.org"}
    assert accepted_since(Release("0.2.0"), CHANGELOG) == newer
    assert accepted_since(Release("0.1.0"), CHANGELOG) == {*newer, "flyte:index:Task.outputs.version"}
    assert accepted_since(Release("0.3.0"), CHANGELOG) == frozenset()
