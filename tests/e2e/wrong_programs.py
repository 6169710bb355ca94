"""Programs in YAML and TypeScript with many mistakes, made from the schema. Each property has a line of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.provider.plugin.components.mistakes import PLACE, Mistake

ABSENT = object()


@dataclass(frozen=True)
class WrongComponent:
    """A component with several mistakes. `inputs` has all of them."""

    component: str
    mistakes: Sequence[Mistake]
    inputs: Mapping[str, Any]

    @classmethod
    def of(cls, mistake: Mistake) -> WrongComponent:
        """Return a component with one mistake."""
        return cls(mistake.component, [mistake], mistake.inputs)

    def takes(self, mistake: Mistake) -> WrongComponent | None:
        """Return the component with one more mistake, or None if the two are in the same place."""
        if mistake.component != self.component:
            return None
        inputs = merged(self.inputs, mistake.inputs)
        mistakes = [*self.mistakes, mistake]
        if inputs is None or not all(
            value_at(inputs, each.path) == value_at(each.inputs, each.path) for each in mistakes
        ):
            return None
        return WrongComponent(self.component, mistakes, inputs)


def packed(mistakes: Iterable[Mistake]) -> list[WrongComponent]:
    """Return few components that have all mistakes."""
    components: list[WrongComponent] = []
    for mistake in mistakes:
        for index, component in enumerate(components):
            if (larger := component.takes(mistake)) is not None:
                components[index] = larger
                break
        else:
            components.append(WrongComponent.of(mistake))
    return components


def merged(first: Any, second: Any) -> Any:
    """Return a value with the parts of both, or None if they differ in one of them."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        parts = {
            key: merged(first[key], second[key]) if key in first and key in second else first.get(key, second.get(key))
            for key in {**first, **second}
        }
        return None if None in parts.values() else parts
    if isinstance(first, list) and isinstance(second, list):
        item = merged(first[0], second[0])
        return None if item is None else [item]
    return first if type(first) is type(second) and first == second else None


def value_at(inputs: Any, path: Sequence[str]) -> Any:
    """Return the value at a path, or `ABSENT`."""
    for name in path:
        try:
            inputs = inputs[int(name) if isinstance(inputs, list) else name]
        except (KeyError, IndexError):
            return ABSENT
    return inputs


def yaml_resources(components: Sequence[WrongComponent]) -> str:
    """Return the resources of a program in YAML. JSON is YAML."""
    declared: dict[str, Any] = {"shop": {"type": "flyte:Environment"}}
    for index, each in enumerate(components):
        declared[f"wrong{index}"] = {"type": f"flyte:{each.component}", "properties": placed(each.inputs, "${shop}")}
    return f"resources: {json.dumps(declared, indent=1)}\n"


def typescript(components: Sequence[WrongComponent], *, cast: str = "", configured: bool = False) -> str:
    """Return a program in TypeScript. `configured`: the inputs come from the stack's configuration."""
    lines = ['import * as pulumi from "@pulumi/pulumi";', 'import * as flyte from "@pulumi-flyte/flyte";']
    lines.append('const shop = new flyte.Environment("shop");')
    for index, each in enumerate(components):
        inputs = placed(each.inputs, "shop")
        text = json.dumps(inputs, indent=1).replace('"environment": "shop"', "environment: shop")
        if configured:
            place = ", environment: shop" if inputs is not each.inputs else ""
            text = f'{{ ...new pulumi.Config().requireObject<any>("inputs"){place} }}'
        lines.append(f'new flyte.{each.component}("wrong{index}", {text}{cast});')
    return "\n".join(lines) + "\n"


def placed(inputs: Mapping[str, Any], environment: str) -> Mapping[str, Any]:
    """Return the inputs with the program's environment."""
    return {**inputs, "environment": environment} if inputs.get("environment") == PLACE else inputs


def components_by_line(program: str) -> list[int | None]:
    """Return for each line of a program, from 1, the number of the component that it is part of."""
    lines: list[int | None] = [None]
    number: int | None = None
    for line in program.splitlines():
        start = re.search(r'"wrong(\d+)"', line)
        number = int(start[1]) if start else number
        lines.append(number)
    return lines
