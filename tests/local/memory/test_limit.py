"""A workload's memory limit: what is declared, what a machine gives to what declares nothing, and how it reads."""

from __future__ import annotations

import pytest
from flyte_local.memory.limit import (
    memory_limit,
    parse_quantity,
    readable,
)
from hypothesis import given
from hypothesis import strategies as st

MIB, GIB = 2**20, 2**30


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", 512),
        ("512Mi", 512 * MIB),
        ("1.5Gi", 1536 * MIB),
        ("2G", 2 * 10**9),
        ("100k", 100_000),
        ("1e9", 10**9),
        ("1E", 10**18),
        ("1Ei", 2**60),
        ("2E3", 2000),
        ("4000m", 4),
        (".5Gi", 512 * MIB),
        ("1.Gi", GIB),
        (" 1Gi ", GIB),
        ("9" * 400, 2**62),
        ("1e999", 2**62),
    ],
)
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str, size: int) -> None:
    assert parse_quantity(text) == size


@pytest.mark.parametrize("text", ["", "0", "0Mi", "-1Gi", "1GB", "lots", "1 Gi", "Gi", "1e", "NaN", "inf", "."])
def test_what_is_no_quantity_is_no_limit(text: str) -> None:
    assert parse_quantity(text) is None


@given(st.text())
def test_reading_a_quantity_never_fails(text: str) -> None:
    assert parse_quantity(text) is None or parse_quantity(text) > 0  # type: ignore[operator]


def test_a_declared_limit_holds() -> None:
    limit = memory_limit("512Mi", 16 * GIB)
    assert limit.bytes == 512 * MIB
    assert limit.exceeded(600 * MIB) == (
        "OOMKilled (exit code 137): its processes used 600 MiB of memory, more than 512 MiB, its limit (512Mi): "
        "declare more with resources, or use less"
    )


def test_nobody_gets_the_whole_machine() -> None:
    limit = memory_limit("64Gi", 16 * GIB)
    assert limit.bytes == int(16 * GIB * 0.9)
    assert "90 % of this machine's memory (it declares 64Gi)" in limit.exceeded(15 * GIB)


def test_what_declares_nothing_gets_half_of_the_machine() -> None:
    limit = memory_limit("", 16 * GIB)
    assert limit.bytes == 8 * GIB
    assert "more than 8.0 GiB, half of this machine's memory" in limit.exceeded(9 * GIB)


def test_what_declares_nothing_gets_what_the_variable_says() -> None:
    limit = memory_limit("", 16 * GIB, "2Gi")
    assert limit.bytes == 2 * GIB
    assert "FLYTE_LOCAL_MEMORY" in limit.exceeded(3 * GIB)
    assert memory_limit("1Gi", 16 * GIB, "2Gi").bytes == GIB


def test_sizes_are_readable() -> None:
    assert [readable(size) for size in (512, 300 * MIB, 1536 * MIB)] == ["512 bytes", "300 MiB", "1.5 GiB"]


def test_a_default_that_is_no_amount_is_named() -> None:
    limit = memory_limit("", 16 * GIB, "2GB")
    assert limit.bytes == 8 * GIB
    assert limit.origin.endswith("(FLYTE_LOCAL_MEMORY='2GB' is no amount such as 2Gi)")
