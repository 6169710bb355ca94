"""The build of an image, as pulumi-docker-build carries it out: staged below the program's folder, then declared."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pulumi

from pulumi_flyte.engine.error_hooks import has_hooks
from pulumi_flyte.images.context import BuildContext
from pulumi_flyte.images.derived import DEFAULT_PYTHON
from pulumi_flyte.platforms.registry import Registry
from pulumi_flyte.source.data import STAGE
from pulumi_flyte.workload.code import program_folder

# Relative, so that it is the same in everybody's state. Programs and plugins run in the program's folder.
_STAGE = PurePosixPath(STAGE, "images")
_UNUSED_AFTER = 7 * 24 * 3600.0
# A layer has the times of its files. This one is the first that a zip archive can have.
_TIME = 315532800
_hooks = itertools.count()


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """An image that is built and pushed under `reference`.

    secrets: those of the build, by variable. python: the version of Python that the image has.
    """

    context: BuildContext
    reference: str
    registry: Registry
    secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    python: str = DEFAULT_PYTHON

    def declare(self, name: str, options: pulumi.ResourceOptions) -> pulumi.Resource:
        """Write the build context, and declare the build.

        Dependents refer to `reference`, which is known beforehand, and wait for the resource. An image stays in its
        registry when it is no longer declared: its tag stands for its content, so another stack may run it too.
        """
        import pulumi_docker_build as docker_build

        place = stage(self.context)
        registry = self.registry
        credentials = [
            docker_build.RegistryArgs(address=registry.host, username=each.username, password=each.password)
            for each in (registry.credentials,)
            if each is not None
        ]
        return docker_build.Image(
            name,
            tags=[self.reference],
            push=True,
            build_on_preview=False,
            context=docker_build.BuildContextArgs(location=str(place / self.context.tag)),
            dockerfile=docker_build.DockerfileArgs(location=str(place / "Dockerfile")),
            platforms=[docker_build.Platform(platform) for platform in self.context.platforms],
            builder=None if registry.builder is None else docker_build.BuilderConfigArgs(name=registry.builder),
            registries=credentials or None,
            secrets=self.secrets or None,
            # A token that is renewed makes no other image.
            ignore_secrets_in_diff_calculation=sorted(self.secrets) or None,
            opts=pulumi.ResourceOptions.merge(
                options, pulumi.ResourceOptions(retain_on_delete=True, hooks=_explaining(name, self))
            ),
        )


def _explaining(name: str, build: ImageBuild) -> pulumi.ResourceHookBinding | None:
    """Return a hook that says what a failed build means, beside the message of the builder."""
    if not has_hooks():
        return None

    async def explain(failure: pulumi.ErrorHookArgs) -> bool:
        for error in failure.errors:
            pulumi.log.error(f"{name}: {await asyncio.to_thread(_explanation, error, build)}")
        return False  # a build that fails does so again

    # A hook's name is its own in a program, as that of an app and of a task of one name are not.
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(f"{name}-failure-{next(_hooks)}", explain)])


def _explanation(error: str, build: ImageBuild) -> str:
    from pulumi_flyte.images.failures import explanation, is_of_packages
    from pulumi_flyte.platforms.package_diagnosis import diagnosis

    text = explanation(error, build.context)
    # An index that only the builder may read has other packages than those that this machine sees.
    if not is_of_packages(error) or build.secrets:
        return text
    staged = program_folder() / _STAGE / build.context.tag / build.context.tag
    reason = diagnosis(staged, build.python, build.context.platforms)
    return text if reason is None else f"{text}\n{reason}"


def stage(context: BuildContext) -> PurePosixPath:
    """Write a build context below the program's folder, and return its path relative to that folder.

    Only content counts: modes and times are the same on every machine. The files are in a folder that is called as the
    tag: buildx hands BuildKit a context by the name of its folder, and BuildKit takes a file for one that it has where
    name, size and time are equal. Source: buildx, build/opt.go, `SharedKey`.
    """
    root = program_folder() / _STAGE
    folder = root / context.tag
    if not folder.is_dir():
        partial = root / f".{context.tag}.{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        root.parent.mkdir(parents=True, exist_ok=True)
        (root.parent / ".gitignore").write_text("*\n")
        _write(partial, context)
        try:
            partial.rename(folder)
        except OSError:  # another process of the same program was first
            shutil.rmtree(partial, ignore_errors=True)
    os.utime(folder)
    _prune(root)
    return _STAGE / context.tag


def _write(folder: Path, context: BuildContext) -> None:
    contents = [(folder / "Dockerfile", context.dockerfile.encode(), False)]
    files = folder / context.tag
    contents += [(files / path, file.content, file.executable) for path, file in context.files.items()]
    files.mkdir(parents=True)
    for path, content, executable in contents:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)
        os.utime(path, (_TIME, _TIME))
    # The time of `folder` itself says when it was used, and is in no layer.
    for path in filter(Path.is_dir, folder.rglob("*")):
        path.chmod(0o755)
        os.utime(path, (_TIME, _TIME))


def _prune(root: Path) -> None:
    """Remove contexts that no run has used for a week. A run that goes on has used its own a moment ago."""
    for folder in root.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process has renamed or removed it
            if time.time() - folder.stat().st_mtime > _UNUSED_AFTER:
                shutil.rmtree(folder, ignore_errors=True)
