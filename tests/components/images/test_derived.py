"""The packages of an image that nobody described."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.images.derived import DerivedPackages, derive, python_of_base
from pulumi_flyte.source.installed import Distribution, Installed

FASTAPI = Distribution("fastapi", "0.115.0", ("starlette>=0.40", 'uvicorn; extra == "standard"'))
STARLETTE = Distribution("starlette", "0.41.0", ("anyio", 'typing-extensions; python_version < "3.10"'))
INSTALLED = Installed(
    {
        each.name.lower(): each
        for each in (
            FASTAPI,
            STARLETTE,
            Distribution("anyio", "4.9.0", ('exceptiongroup; python_version < "3.11"', "idna")),
            Distribution("exceptiongroup", "1.2.0"),
            Distribution("idna", "3.10"),
            Distribution("typing-extensions", "4.12.0"),
            Distribution("uvicorn", "0.30.0", ('uvloop; sys_platform != "win32" and extra == "standard"',)),
            Distribution("uvloop", "0.19.0"),
            Distribution("PyYAML", "6.0.2"),
            Distribution("torch", "2.4.0+cpu"),
            Distribution("scikit-learn", "1.5.0", ("numpy",)),
            Distribution("numpy", "2.1.0"),
            Distribution("streamlit", "1.40.0", (), ("streamlit",)),
            Distribution("mine", "0.1", (), (), "file:///home/me/mine"),
            Distribution("forked", "0.1", (), (), "git+https://example.com/forked@abc"),
            Distribution("google-cloud-storage", "2.0"),
            Distribution("google-auth", "2.1"),
            Distribution("flyte-runtime", "0.1.0"),
            Distribution("PyJWT", "2.10.0", ('cryptography; extra == "crypto"',)),
            Distribution("cryptography", "44.0.0"),
        )
    },
    {
        "fastapi": ("fastapi",),
        "yaml": ("pyyaml",),
        "torch": ("torch",),
        "sklearn": ("scikit-learn",),
        "numpy": ("numpy",),
        "mine": ("mine",),
        "forked": ("forked",),
        "google": ("google-auth", "google-cloud-storage"),
        "google.cloud": ("google-cloud-storage",),
        "google.auth": ("google-auth",),
        "flyte_runtime": ("flyte-runtime",),
    },
)


def derived(
    code: Mapping[str, str], needs: tuple[str, ...] = (), command: str | None = None, python: str = "3.12"
) -> DerivedPackages:
    files = {path: text.encode() for path, text in code.items()}
    return derive(files, INSTALLED, needs, command=command, python=python)


def test_what_the_code_imports_is_pinned_as_it_is_installed() -> None:
    packages = derived({"app.py": "import yaml\n\ndef later():\n    from sklearn import svm\n"})
    assert packages.requirements == ("PyYAML==6.0.2", "scikit-learn==1.5.0")
    assert packages.constraints == ("numpy==2.1.0",)


def test_modules_of_its_own_come_from_nowhere() -> None:
    assert derived({"app.py": "import helpers.x", "helpers/x.py": "import app"}).requirements == ()


def test_the_standard_library_and_unknown_modules_need_nothing() -> None:
    assert derived({"app.py": "import os, json, nowhere"}).requirements == ()


def test_what_only_a_type_checker_imports_is_left_out() -> None:
    assert (
        derived({"app.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import yaml"}).requirements == ()
    )


def test_a_version_of_one_index_only_loses_that_part() -> None:
    assert derived({"app.py": "import torch"}).requirements == ("torch==2.4.0",)


def test_a_namespace_brings_the_parts_that_are_imported() -> None:
    assert derived({"app.py": "from google.cloud import storage"}).requirements == ("google-cloud-storage==2.0",)


def test_a_command_brings_its_package() -> None:
    assert derived({"page.py": "import yaml"}, command="streamlit").requirements == (
        "PyYAML==6.0.2",
        "streamlit==1.40.0",
    )


def test_needs_keep_their_extras_and_unknown_ones_their_range() -> None:
    packages = derived({}, needs=("pyjwt[crypto]>=2", "limits>=4.1"))
    assert packages.requirements == ("limits>=4.1", "PyJWT[crypto]==2.10.0")
    assert packages.constraints == ("cryptography==44.0.0",)


def test_a_package_of_a_folder_is_named_and_one_of_a_repository_is_installed_from_it() -> None:
    packages = derived({"app.py": "import mine, forked"})
    assert packages.unavailable == (("mine", "file:///home/me/mine"),)
    assert packages.requirements == ("forked @ git+https://example.com/forked@abc",)


def test_constraints_are_those_of_the_container_and_not_of_this_machine() -> None:
    assert derived({"main.py": "import fastapi"}).constraints == ("anyio==4.9.0", "idna==3.10", "starlette==0.41.0")
    assert "exceptiongroup==1.2.0" in derived({"main.py": "import fastapi"}, python="3.10").constraints
    # uvloop is for some systems only, so machines would differ in it.
    assert derived({}, needs=("uvicorn[standard]",)).constraints == ()


def test_the_runtime_library_comes_as_files() -> None:
    assert derived({"main.py": "import flyte_runtime as rt"}).requirements == ()


@given(st.permutations(["import yaml", "import torch", "import sklearn", "import fastapi"]))
def test_the_order_of_imports_does_not_count(lines: list[str]) -> None:
    assert derived({"main.py": "\n".join(lines)}) == derived({f"m{n}.py": line for n, line in enumerate(lines)})


def test_a_file_that_does_not_parse_needs_nothing() -> None:
    assert derived({"app.py": "def"}).requirements == ()


def test_the_python_of_a_base_is_read_from_its_name() -> None:
    assert python_of_base("python:3.13-slim") == "3.13"
    assert python_of_base("registry.example.com/library/python:3.11") == "3.11"
    assert python_of_base("debian:12") == "3.12"
