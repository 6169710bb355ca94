"""`make sdk`: writes sdk/schema.json, and from it the packages of other languages with Pulumi's own generators.

tools/run python tools/sdks.py            write them
tools/run python tools/sdks.py --check    say what differs, and end with 1
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulumi_flyte_provider.plugin.schema import package_schema

ROOT = Path(__file__).resolve().parent.parent
SDK = ROOT / "sdk"
TOOLS = ROOT / ".tools" / "bin"
# The command that prints the package of each language.
GENERATORS: Mapping[str, Sequence[str]] = {
    "nodejs": (str(TOOLS / "pulumi-flyte-sdk"), "nodejs"),
    "go": (str(TOOLS / "pulumi-flyte-sdk"), "go"),
    "dotnet": (str(TOOLS / "pulumi-flyte-sdk-dotnet"),),
}


def schema_text() -> str:
    """Return the schema as it is committed: sorted, a line for each value."""
    return f"{json.dumps(package_schema(), indent=2, sort_keys=True, ensure_ascii=False)}\n"


def package_of(language: str, schema: str) -> dict[str, str]:
    """Return the files of a language's package: path -> content."""
    done = subprocess.run(GENERATORS[language], input=schema, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    files: dict[str, str] = json.loads(done.stdout)
    return {path: _without_itself(path, content) for path, content in files.items()}


def _without_itself(path: str, content: str) -> str:
    """Return a module that does not import the class that it declares.

    An App may be among the inputs of an App, and the generator (pulumi/pkg 3.259, codegen/nodejs) then imports `App`
    in `app.ts`, which TypeScript refuses.
    """
    declared = re.search(r"^export class (\w+) extends pulumi\.ComponentResource", content, re.MULTILINE)
    if not path.endswith(".ts") or declared is None:
        return content

    def others(match: re.Match[str]) -> str:
        names = [name for name in match[1].split(", ") if name != declared[1]]
        return f'import {{{", ".join(names)}}} from "./index";'

    return re.sub(r'^import \{([\w, ]+)\} from "\./index";$', others, content, flags=re.MULTILINE)


def generated() -> dict[Path, str]:
    """Return every generated file: path below sdk/ -> content."""
    schema = schema_text()
    files = {Path("schema.json"): schema}
    for language in GENERATORS:
        for path, content in package_of(language, schema).items():
            files[Path(language, path)] = content
    # The language host looks for this file at the root of a module, and the generator writes it beside the code.
    files[Path("go/pulumi-plugin.json")] = files[Path("go/flyte/pulumi-plugin.json")]
    return files


def committed() -> dict[Path, str]:
    """Return the files below sdk/ that a generator wrote earlier."""
    folders = [SDK / language for language in GENERATORS]
    files = [SDK / "schema.json", *(file for folder in folders for file in folder.rglob("*"))]
    return {file.relative_to(SDK): file.read_text() for file in files if file.is_file() and not _is_by_hand(file)}


def _is_by_hand(file: Path) -> bool:
    """Return whether a file of sdk/ is not generated: Go's module, and what npm or .NET installed or built."""
    return file.name in ("go.mod", "go.sum", "package-lock.json") or bool(
        {"node_modules", "bin", "obj"} & set(file.parts)
    )


def main() -> int:
    """Write or check."""
    new, old = generated(), committed()
    stale = sorted(path for path in new.keys() | old.keys() if new.get(path) != old.get(path))
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"sdk/{path} differs from what `make sdk` writes")
        return 1 if stale else 0
    for path in stale:
        target = SDK / path
        if path not in new:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(new[path])
    print(f"{len(new)} files in sdk/, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
