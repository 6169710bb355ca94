"""Runs the program `infra.py` of the working directory on Pulumi's mocks, and prints what came of it as JSON.

Arguments: the stack configuration as JSON, and `preview` where the mocks are to be those of a preview.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from typing import Any

import pulumi

COMPONENTS = (
    ("App", ("endpoint", "public_endpoint", "console_url", "version", "link")),
    ("Task", ("name", "version", "console_url", "link")),
    ("Secret", ("version", "link")),
    ("Environment", ("settings",)),
)


class Mocks(pulumi.runtime.Mocks):
    """Answers with the inputs."""

    def __init__(self) -> None:
        self.resources: list[dict[str, Any]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append({"type": args.typ, "name": args.name, "inputs": args.inputs})
        return f"{args.name}-id", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {}, []


def main(config: dict[str, str], *, preview: bool) -> None:
    """Prints the resources that were declared, and every known output by component."""
    mocks, outputs = Mocks(), {}
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev", preview=preview)
    pulumi.runtime.set_all_config(config)
    spec = importlib.util.spec_from_file_location("infra", "infra.py")
    assert spec is not None
    assert spec.loader is not None
    infra = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(infra)

    async def known(output: pulumi.Output[Any]) -> Any:
        return await output.future() if await output.is_known() else "unknown"

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    async def collect() -> None:
        for name, component in vars(infra).items():
            for kind, attributes in COMPONENTS:
                if type(component).__name__ == kind and isinstance(component, pulumi.ComponentResource):
                    values = await asyncio.gather(*(known(getattr(component, each)) for each in attributes))
                    outputs[name] = dict(zip(attributes, values, strict=True))
                    for output, key in (("settings", "project"), ("link", "name")):
                        if output in attributes:
                            outputs[name][f"{output}.{key}"] = await known(getattr(component, output)[key])

    collect()
    print(json.dumps({"resources": mocks.resources, "outputs": outputs}, default=lambda _: "unknown"))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), preview="preview" in sys.argv[2:])
