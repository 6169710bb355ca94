"""Resources, scaling and durations as people write them, turned into what the Flyte API takes. Pure.

Quantities follow Kubernetes' `resource.Quantity`; GPU devices follow flyte-sdk `flyte/_resources.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pulumi_flyte.notation.amounts import above_limits, amount, doubts
from pulumi_flyte.problems import Problems, nearest

_GPU = re.compile(r"([A-Za-z][-A-Za-z0-9 _]*):(\d+)", re.ASCII)
_KEYS = {"cpu": "cpu", "memory": "memory", "disk": "ephemeralStorage", "gpu": "gpu", "shm": "sharedMemory"}
DEFAULT_PORT = 8080
MAX_REQUEST_TIMEOUT = 3600
MOST_SECONDS = 315_576_000_000  # google/protobuf/duration.proto


def is_quantity(text: str) -> bool:
    """Whether `text` is a non-negative Kubernetes quantity, such as `500m`, `2` or `1.5Gi`."""
    return amount(text) is not None


def whole(value: Any) -> Any:
    """Numbers that crossed the engine arrive as floats: `2.0` is the `2` that the program wrote."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def resources(value: Any, problems: Problems, path: str = "resources") -> dict[str, Any]:
    """`{"cpu": "500m", "memory": ("512Mi", "1Gi"), "gpu": "T4:1"}` as requests, limits and accelerator."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add(path, 'resources are a mapping such as {"cpu": "500m", "memory": "512Mi"}', value)
        return {}
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    result: dict[str, Any] = {}
    for key, given in value.items():
        at = f"{path}.{key}"
        if given is None:
            continue
        if key not in _KEYS:
            problems.add(at, f"unknown resource{nearest(str(key), _KEYS)}")
        elif key == "gpu":
            _gpu(given, requests, result, problems, at)
        elif key == "shm":
            if _quantity(given, problems, at) is not None:
                result["sharedMemory"] = str(whole(given))
        else:
            _request_and_limit(_KEYS[key], given, requests, limits, problems, at)
    keys = {name: key for key, name in _KEYS.items()}
    for name, reason in above_limits(requests, limits).items():
        problems.add(f"{path}.{keys[name]}", reason)
    if requests:
        result["requests"] = requests
    if limits:
        result["limits"] = limits
    return result


def resource_warnings(spec: Mapping[str, Any]) -> list[str]:
    """What a preview should say about the quantities that `resources` gave, or that a source has."""
    keys = {name: key for key, name in _KEYS.items()}
    given = [(name, text) for side in ("requests", "limits") for name, text in spec.get(side, {}).items()]
    if "sharedMemory" in spec:
        given.append(("sharedMemory", spec["sharedMemory"]))
    found = [(keys.get(name, name), doubts(name, text)) for name, text in given]
    return list(dict.fromkeys(f"resources.{key}: {doubt}" for key, doubt in found if doubt is not None))


def _request_and_limit(
    name: str, given: Any, requests: dict[str, str], limits: dict[str, str], problems: Problems, at: str
) -> None:
    pair = given if isinstance(given, Sequence) and not isinstance(given, str) else (given,)
    if len(pair) not in (1, 2):
        problems.add(at, "give one quantity, or a pair of request and limit", given)
        return
    quantities = [_quantity(part, problems, at) for part in pair]
    if all(part is not None for part in quantities):
        requests[name] = str(quantities[0])
        if len(quantities) == 2:
            limits[name] = str(quantities[1])


def _quantity(given: Any, problems: Problems, at: str) -> str | None:
    text = str(whole(given)) if isinstance(given, (int, float)) and not isinstance(given, bool) else given
    if not isinstance(text, str) or not is_quantity(text):
        problems.add(at, "not a quantity: write a number with an optional unit, such as 500m, 2, 512Mi or 1Gi", given)
        return None
    return text


def _gpu(given: Any, requests: dict[str, str], result: dict[str, Any], problems: Problems, at: str) -> None:
    count = whole(given)
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        requests["gpu"] = str(count)
        return
    match = _GPU.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        problems.add(at, 'not a GPU: write a count, or a device and a count such as "T4:1"', given)
        return
    result["accelerator"] = {"device": match[1]}
    requests["gpu"] = match[2]


def seconds(value: Any, problems: Problems, path: str, *, most: int = MOST_SECONDS) -> float | int | None:
    """A duration in seconds from a number or a timedelta."""
    if value is None:
        return None
    length = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(length, bool) or not isinstance(length, (int, float)) or not length > 0:
        problems.add(path, "a duration is a positive number of seconds (or a timedelta)", value)
        return None
    if length > most:
        problems.add(path, f"at most {most} seconds", value)
        return None
    plain: float | int = whole(length)
    return plain


_SCALING_KEYS = ("replicas", "concurrency", "request_rate", "scaledown_after")


def scaling(value: Any, problems: Problems, path: str = "scaling") -> dict[str, Any]:
    """`{"replicas": (0, 3), "concurrency": 10}` as the API's autoscaling. Source: flyte-sdk `app/_types.py`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add(path, 'scaling is a mapping such as {"replicas": (0, 3), "concurrency": 10}', value)
        return {}
    given = {
        {"requestRate": "request_rate", "scaledownAfter": "scaledown_after"}.get(k, k): v for k, v in value.items()
    }
    for key in given:
        if key not in _SCALING_KEYS:
            problems.add(f"{path}.{key}", f"unknown scaling setting{nearest(str(key), _SCALING_KEYS)}")
    result: dict[str, Any] = {}
    if given.get("replicas") is not None:
        _replicas(given["replicas"], result, problems, f"{path}.replicas")
    for key, name in (("concurrency", "concurrency"), ("request_rate", "requestRate")):
        target = whole(given.get(key))
        if target is None:
            continue
        if isinstance(target, bool) or not isinstance(target, int) or target < 1:
            problems.add(f"{path}.{key}", "a target is a whole number of at least 1", target)
        else:
            result[name] = target
    if "concurrency" in result and "requestRate" in result:
        problems.add(path, "scales on one metric: give concurrency or request_rate, not both")
    after = seconds(given.get("scaledown_after"), problems, f"{path}.scaledown_after")
    if after is not None:
        result["scaledownAfter"] = after
    return result


def _replicas(given: Any, result: dict[str, Any], problems: Problems, at: str) -> None:
    pair = given if isinstance(given, Sequence) and not isinstance(given, str) else (given, given)
    numbers = [whole(part) for part in pair]
    whole_numbers = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers)
    if len(numbers) != 2 or not whole_numbers or numbers[1] < 1 or numbers[0] > numbers[1]:
        problems.add(at, "replicas are a number, or a pair (least, most) with 0 <= least <= most and most >= 1", given)
        return
    result["minReplicas"], result["maxReplicas"] = numbers
