"""Kubernetes quantities as numbers: requests above limits, and amounts that nobody means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

_PARTS = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)(?:[eE](?P<exponent>[-+]?\d{1,3})|(?P<unit>m|k|[MGTPE]|[KMGTPE]i))?", re.ASCII
)
_UNITS = {"": Fraction(1), "m": Fraction(1, 1000)}
_UNITS |= {unit: Fraction(1000) ** power for power, unit in enumerate("kMGTPE", start=1)}
_UNITS |= {f"{unit}i": Fraction(1024) ** power for power, unit in enumerate("KMGTPE", start=1)}
_LEAST_BYTES = 1024**2
_MOST_CPUS = 256
_SIZES = {"memory": "memory", "ephemeralStorage": "disk", "storage": "disk", "sharedMemory": "shared memory"}


def amount(text: str) -> Fraction | None:
    """Return the number of a quantity, in cores or bytes; None for a text that is not a quantity."""
    match = _PARTS.fullmatch(text)
    if match is None:
        return None
    scale = Fraction(10) ** int(match["exponent"]) if match["exponent"] else _UNITS[match["unit"] or ""]
    return Fraction(match["number"]) * scale


def _decimal(value: Fraction) -> Decimal:
    """Return the number for a message. A float could not hold `1e999`."""
    return Decimal(value.numerator) / value.denominator


def above_limits(requests: Mapping[str, object], limits: Mapping[str, object]) -> dict[str, str]:
    """Resource -> why its request and limit do not go together. Quantities that are unknown are left alone."""
    reasons = {}
    for resource, request in requests.items():
        limit = limits.get(resource)
        if not isinstance(request, str) or not isinstance(limit, str):
            continue
        least, most = amount(request), amount(limit)
        if least is not None and most is not None and least > most:
            reasons[resource] = (
                f"the request {request} is above the limit {limit}, which Kubernetes refuses: lower the request, or"
                " raise the limit (a pair is request and limit)"
            )
    return reasons


def doubts(resource: str, quantity: str) -> str | None:
    """Return why a legal quantity is hardly what was meant, with what it may be; None if it may be meant."""
    value = amount(quantity)
    if value is None:
        return None
    if value == 0:
        return None if resource == "gpu" else f"{quantity!r} reserves nothing: leave it out, or say how much is needed"
    number = re.match(r"[\d.]+", quantity)
    digits = number[0] if number else quantity
    if resource in _SIZES and value < _LEAST_BYTES:
        size = f"{_decimal(value):g} bytes"
        return f"{quantity!r} is {size}, and nothing fits into so little {_SIZES[resource]}: is '{digits}Mi' meant?"
    if resource == "cpu" and value > _MOST_CPUS:
        return f"{quantity!r} is {_decimal(value):g} whole CPUs: is '{digits}m' meant?"
    return None
