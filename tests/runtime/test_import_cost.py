"""The modules that importing the library loads. Each case runs in a new process."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "pydantic",
    "httpx",
    "aiohttp",
    "pulumi",
    "flyte",
    "flyteidl2",
    "fastapi",
    "starlette",
    "uvicorn",
    "websockets",
}


def loaded_after(code: str, **env: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sorted(sys.modules), sep='\\n')"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", **env},
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_package_alone_loads_nothing_heavy() -> None:
    assert not loaded_after("import flyte_runtime as rt") & HEAVY


def test_declaring_handles_loads_no_library_at_all() -> None:
    assert not loaded_after("import flyte_runtime as rt; rt.app('a'); rt.task('b')") & HEAVY


def test_resolving_an_app_loads_the_contract_and_no_client() -> None:
    loaded = loaded_after("import flyte_runtime as rt; assert rt.app('backend').url", BACKEND="http://127.0.0.1:1")
    assert loaded & HEAVY == {"pydantic"}


def test_a_secret_loads_no_client() -> None:
    assert loaded_after("import flyte_runtime as rt; assert rt.secret('a-key')", A_KEY="x") & HEAVY == {"pydantic"}


@pytest.mark.parametrize("name", ["app", "task", "secret", "init", "lifespan", "serve", "aclose", "Run", "testing"])
def test_every_public_name_is_there(name: str) -> None:
    import flyte_runtime as rt

    assert name in dir(rt)
    assert getattr(rt, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    import flyte_runtime as rt

    with pytest.raises(AttributeError, match="'flyte_runtime' has no attribute 'applicaton'"):
        rt.applicaton  # type: ignore[attr-defined]  # noqa: B018


def test_using_a_submodule_does_not_shadow_a_function() -> None:
    modules = "flyte_runtime.tasks.initialization, flyte_runtime.lifecycle, flyte_runtime.serving.serve"
    code = f"import flyte_runtime as rt, {modules}\n"
    loaded_after(code + "assert all(map(callable, (rt.init, rt.lifespan, rt.serve, rt.app, rt.task, rt.secret)))")
