"""Writes docs/reference from docstrings, signatures, the plugin's schema and the commands' parsers: `make docs`.

With `--check` it writes nothing, and fails if a page is out of date.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pulumi_flyte_review.commands.main import parser as review_parser
from pulumi_flyte_review.rendering.documents import schema

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
GENERATED = "<!-- Written by `make docs`: change the docstrings and declarations instead. -->"
RUNTIME = ("flyte_runtime", "flyte_runtime.webhooks", "flyte_runtime.websockets", "flyte_runtime.testing")
RUNTIME_ERRORS = "flyte_runtime.errors"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    texts = {name: f"{GENERATED}\n\n{text.strip()}\n" for name, text in _pages()}
    return {**texts, "review.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"}


def _pages() -> Iterator[tuple[str, str]]:
    yield "components.md", "\n\n".join(["# Components", *components()])
    yield "configuration.md", "\n\n".join(["# Stack configuration", *configuration()])
    yield "resources.md", "\n\n".join(["# Resources of the plugin", *resources()])
    runtime = [part for module in RUNTIME for part in (f"# `{module}`", overview(module), *members(module))]
    yield "runtime.md", "\n\n".join([*runtime, f"# `{RUNTIME_ERRORS}`", overview(RUNTIME_ERRORS)])
    yield "cli.md", "\n\n".join(["# Commands", *commands()])


def components() -> Iterator[str]:
    """Yield the parts of the page about `pulumi_flyte`. Components are described by their declarations."""
    import pulumi_flyte

    for name in sorted(pulumi_flyte.__all__, key=str.lower):
        value = getattr(pulumi_flyte, name)
        if name.startswith("__"):
            continue
        yield f"## `{name}`"
        if typing.is_typeddict(value):
            yield from typed_dict_parts(name, value)
        elif not inspect.isclass(value):
            yield from value_parts(name, value)
        elif is_declaration(value):
            yield f"```pyi\n{value_signature(name, value)}\n```"
            yield rendered(inspect.getdoc(value))
            yield fields_table(value, "argument")
        else:
            yield from class_parts(name, value, arguments=declaration_of(name))


def configuration() -> Iterator[str]:
    """Yield the parts of the page about the settings `flyte:…` of a stack."""
    from pulumi_flyte.arguments.stack_configuration import stack_configuration

    yield (
        "`pulumi config set flyte:<setting> <value>` says where a stack's program runs. An argument of an `Environment`"
        " wins over the setting of its name. Secrets are set with `--secret`."
    )
    rows = ["| setting | |", "|---|---|"]
    for name, about in stack_configuration().items():
        default = "" if about.default is None else f" Default: `{about.default}`."
        secret = " A secret." if about.secret else ""
        rows.append(f"| `flyte:{name}` | {inline(about.text)}{default}{secret} |")
    yield "\n".join(rows)


def is_declaration(value: type) -> bool:
    from pulumi_flyte.arguments.declaration import Declaration

    return issubclass(value, Declaration)


def declaration_of(name: str) -> type | None:
    """Return the declaration of a component's arguments, or None."""
    try:
        return getattr(importlib.import_module(f"pulumi_flyte.arguments.{name.lower()}"), f"{name}Arguments", None)
    except ModuleNotFoundError:
        return None


def fields_table(declaration: type, title: str) -> str:
    """Return a table of the properties of a declaration."""
    from pulumi_flyte.arguments.declaration import fields_of

    rows = [f"| {title} | |", "|---|---|"]
    for field in fields_of(declaration).values():
        default = "" if field.about.default is None else f" Default: `{field.about.default}`."
        text = inline(field.about.text).replace("|", "\\|")
        rows.append(f"| `{field.name}`{' (required)' if field.required else ''} | {text}{default} |")
    return "\n".join(rows)


def value_signature(name: str, value: type) -> str:
    """Return the constructor of a value, with the types of its mapping. A test checks that both have the same types."""
    import pulumi_flyte

    types = dict(source_annotations(getattr(pulumi_flyte, f"{name}Dict")))
    fields = dataclasses.fields(value)
    parts = ["*"] if fields[0].kw_only else []
    for field in fields:
        kind = re.sub(r"^NotRequired\[(.*)\]$", r"\1", types[field.name])
        parts.append(f"{field.name}: {kind}{'' if field.default is dataclasses.MISSING else ' = None'}")
    line = f"{name}({', '.join(parts)})"
    return line if len(line) <= 100 else "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])


def typed_dict_parts(name: str, value: type) -> Iterator[str]:
    """Yield the description of a mapping, and its keys unless a value with the same fields is described."""
    import pulumi_flyte

    yield rendered(inspect.getdoc(value))
    equal = getattr(pulumi_flyte, name.removesuffix("Dict"), None)
    if inspect.isclass(equal) and is_declaration(equal):
        return
    keys = "\n".join(f"    {key}: {shown}" for key, shown in source_annotations(value))
    yield f"```pyi\nclass {name}(TypedDict):\n{keys}\n```"


def source_annotations(value: type) -> Iterator[tuple[str, str]]:
    """Yield the keys of a mapping with their types as written in the source, without descriptions."""
    for key, hint in value.__annotations__.items():
        text = hint.__forward_arg__ if isinstance(hint, typing.ForwardRef) else short(hint)
        text = re.sub(r"\bnames\.", "", text)
        yield key, re.sub(r"Annotated\[(.*?), Property\(.*?\)\]", r"\1", text, flags=re.DOTALL)


def value_parts(name: str, value: Any) -> Iterator[str]:
    """Yield the description of a function or of a type alias."""
    if inspect.isfunction(value):
        yield f"```pyi\n{declared(name, value)}\n```"
        yield rendered(inspect.getdoc(value))
    else:
        yield f"```pyi\n{name} = {value if isinstance(value, str) else short(value)}\n```"


def short(annotation: Any) -> str:
    """Return an annotation without the modules of its types."""
    text = re.sub(r"ForwardRef\('(.*?)'\)", r"\1", alias(inspect.formatannotation(annotation)))
    text = re.sub(r"\b(pulumi_flyte(\.\w+)+|pulumi\.output|datetime)\.", "", text)
    text = text.replace("str, Awaitable[str], Output[T]", "pulumi.Input[str]")  # as Pulumi defines it
    union = re.fullmatch(r"Union\[(.*)\]", text)
    return " | ".join(union[1].split(", ")) if union else text


def overview(name: str) -> str:
    return rendered(inspect.getdoc(importlib.import_module(name)))


def members(name: str) -> Iterator[str]:
    """Yield the descriptions of a module's public names in alphabetical order, without its modules."""
    module = importlib.import_module(name)
    for member in sorted(module.__all__, key=str.lower):
        value = getattr(module, member)
        if member.startswith("__") or inspect.ismodule(value):
            continue
        yield f"## `{member}`"
        if inspect.isclass(value):
            yield from class_parts(member, value)
        elif callable(value):
            yield f"```pyi\n{declared(member, value)}\n```"
            yield rendered(inspect.getdoc(value))
        else:
            yield f"```pyi\n{member} = {alias(value)}\n```"


def class_parts(name: str, cls: type, arguments: type | None = None) -> Iterator[str]:
    is_base = bool(cls.__subclasses__())
    if not is_base and not issubclass(cls, Exception) and not getattr(cls, "_is_protocol", False):
        yield f"```pyi\n{declared(name, cls)}\n```"
    yield rendered(inspect.getdoc(cls) if cls.__doc__ and not cls.__doc__.startswith(f"{name}(") else None)
    if arguments is not None:
        yield fields_table(arguments, "argument")
    for attribute in sorted(vars(cls)):
        value = inspect.getattr_static(cls, attribute)
        if attribute.startswith("_") or isinstance(value, type):
            continue
        if isinstance(value, property):
            kind = text_of(inspect.signature(value.fget).return_annotation)
            yield f"- **`{attribute}`**{f' `{kind}`' if kind else ''}: {inline(inspect.getdoc(value))}"
        elif callable(plain := getattr(value, "__func__", value)) and inspect.isfunction(plain):
            yield f"- **`{declared(attribute, plain, method=True)}`**: {inline(inspect.getdoc(plain))}"


def declared(name: str, value: Any, *, method: bool = False) -> str:
    """Return a signature as written in the source. A long signature has a line for each parameter."""
    signature = inspect.signature(value)
    parts = list(parameters(signature))
    result = "" if inspect.isclass(value) else text_of(signature.return_annotation)
    tail = f") -> {result}" if result else ")"
    head = ("await " if inspect.iscoroutinefunction(value) else "") + name
    line = f"{head}({', '.join(parts)}{tail}"
    if method or len(line) <= 100:
        return line
    return "\n".join([f"{head}(", *(f"    {part}," for part in parts), tail])


def parameters(signature: inspect.Signature) -> Iterator[str]:
    kinds = {each.kind for each in signature.parameters.values()}
    star = inspect.Parameter.VAR_POSITIONAL in kinds
    positional = False
    for each in signature.parameters.values():
        if each.name in ("self", "cls"):
            continue
        if positional and each.kind is not inspect.Parameter.POSITIONAL_ONLY:
            yield "/"
        positional = each.kind is inspect.Parameter.POSITIONAL_ONLY
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not star:
            star = True
            yield "*"
        prefix = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(each.kind, "")
        kind = text_of(each.annotation)
        default = "" if each.default is inspect.Parameter.empty else f" = {default_of(each.default)}"
        yield f"{prefix}{each.name}{f': {kind}' if kind else ''}{default if kind else default.replace(' ', '')}"


def text_of(annotation: Any) -> str:
    """Return an annotation as written in the source, or without modules if only the object is known."""
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation if isinstance(annotation, str) else alias(inspect.formatannotation(annotation))


def default_of(value: Any) -> str:
    """Return a default value as text. A value without a literal is shown by its name."""
    return getattr(value, "__name__", None) or re.sub(r" object at 0x[0-9a-f]+|<factory>", "…", repr(value))


def alias(value: Any) -> str:
    return re.sub(r"\b(typing|collections\.abc|flyte_runtime(\.\w+)+)\.", "", str(value))


def rendered(doc: str | None) -> str:
    """Return a docstring as Markdown. Indented blocks become code, and `name: …` lines become list items."""
    if not doc:
        return ""
    lines: list[str] = []
    code = False
    for line in doc.splitlines():
        indented = line.startswith("    ") and (code or not lines or not lines[-1].strip())
        if indented and not code:
            lines.append("```pyi")
        elif code and line.strip() and not indented:
            while not lines[-1].strip():
                lines.pop()
            lines += ["```", ""]
        code = indented or (code and not line.strip())
        if code:
            lines.append(line.removeprefix("    "))
        elif re.match(r"[a-z_]+(, [a-z_]+)*: ", line):
            name, _, text = line.partition(": ")
            lines.append(f"- `{name}`: {text}")
        else:
            lines.append(line)
    if code:
        lines.append("```")
    return "\n".join(lines)


def inline(doc: str | None) -> str:
    """Return a docstring as one paragraph."""
    return " ".join((doc or "").split())


def resources() -> Iterator[str]:
    from pulumi_flyte_provider.plugin.schema import package_schema

    schema = package_schema()
    yield "The resources that components declare. Programs in other languages write the arguments in camelCase."
    for token, resource in sorted(schema["resources"].items()):
        if resource.get("isComponent"):
            continue
        yield f"## `{token}`"
        yield resource.get("description", "")
        yield table(resource.get("inputProperties", {}), set(resource.get("requiredInputs", ())), "input")
        inputs = resource.get("inputProperties", {})
        outputs = {name: kind for name, kind in resource.get("properties", {}).items() if name not in inputs}
        yield table(outputs, set(), "output")
    yield "## Configuration"
    yield table(schema["config"]["variables"], set(), "key")


def table(properties: dict[str, Any], required: set[str], title: str) -> str:
    if not properties:
        return ""
    rows = [f"| {title} | type | |", "|---|---|---|"]
    for name, kind in sorted(properties.items()):
        text = inline(kind.get("description", "")).replace("|", "\\|")
        rows.append(f"| `{name}`{' (required)' if name in required else ''} | {type_of(kind)} | {text} |")
    return "\n".join(rows)


def type_of(kind: dict[str, Any]) -> str:
    if "oneOf" in kind:
        return " or ".join(dict.fromkeys(type_of(each) for each in kind["oneOf"]))
    if kind.get("type") == "array":
        return f"list of {type_of(kind['items'])}"
    if kind.get("type") == "object":
        return f"map of {type_of(kind.get('additionalProperties', {'type': 'any'}))}"
    return kind.get("type") or kind.get("$ref", "any").rpartition("/")[2].rpartition(":")[2]


def commands() -> Iterator[str]:
    parsers = [importlib.import_module(f"{program}.__main__")._parser() for program in ("flyte_local", "flyte_runtime")]
    for parser in (*parsers, review_parser()):
        yield f"## `{parser.prog}`"
        yield parser.description or ""
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                purposes = {choice.dest: choice.help for choice in action._choices_actions}
                for name, command in action.choices.items():
                    yield from command_parts(f"{parser.prog} {name}", command, purposes.get(name))
    yield "## `make`"
    targets = re.findall(r"^([a-z-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    yield "\n".join(["| target | |", "|---|---|", *(f"| `make {name}` | {text} |" for name, text in targets)])


def command_parts(name: str, command: argparse.ArgumentParser, purpose: str | None) -> Iterator[str]:
    positional = [action for action in command._actions if not action.option_strings]
    names = [action.metavar or action.dest.upper() for action in positional]
    yield f"### `{' '.join([name, *map(str, names)])}`"
    yield command.description or purpose or ""
    rows = [
        f"| `{', '.join(action.option_strings) or names[positional.index(action)]}` | {help_of(action)} |"
        for action in command._actions
        if action.dest != "help"
    ]
    yield "\n".join(["| | |", "|---|---|", *rows]) if rows else ""


def help_of(action: argparse.Action) -> str:
    """Return what the command's own --help says of an argument."""
    return inline((action.help or "") % vars(action))


def main(arguments: list[str]) -> int:
    different = []
    for name, text in pages().items():
        file = FOLDER / name
        text = re.sub(r"\n{3,}", "\n\n", text)
        if not file.exists() or file.read_text() != text:
            different.append(name)
            if "--check" not in arguments:
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
    if different:
        print(f"docs/reference: {', '.join(different)} {'differ' if '--check' in arguments else 'written'}")
    return int(bool(different) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
