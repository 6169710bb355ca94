"""The ways in which programs write a value down."""

from __future__ import annotations

import base64
import html
import json
import random
import shlex
import string
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus


def _each(pattern: str) -> Callable[[str], str]:
    """Return a function that writes each byte in a pattern."""
    return lambda text: "".join(pattern.format(byte) for byte in text.encode())


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _go_json(text: str) -> str:
    """Return a text as Go's JSON has it, which has no `<`, `>` and `&`."""
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "reversed": lambda text: text[::-1],
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "base64": _base64,
    "base64 without padding": lambda text: _base64(text).rstrip("="),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode().rstrip(),
    "base64 in lines in JSON": lambda text: _json(base64.encodebytes(text.encode()).decode().rstrip()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: quote(_base64(text), safe=""),
    "base64 in PHP's JSON": lambda text: _base64(text).replace("/", "\\/"),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base32 in small letters": lambda text: base64.b32encode(text.encode()).decode().lower().rstrip("="),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "percent": lambda text: quote(text, safe=""),
    "percent in small letters": _each("%{:02x}"),
    "percent of all": _each("%{:02X}"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "a path": quote,
    "a form": quote_plus,
    "JavaScript's encodeURIComponent": lambda text: quote(text, safe="!~*'()"),
    "JavaScript's encodeURI": lambda text: quote(text, safe=";/?:@&=+$,#!~*'()"),
    "JSON": _json,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of Go": _go_json,
    "JSON twice": lambda text: _json(_json(text)),
    "JSON three times": lambda text: _json(_json(_json(text))),
    "JSON with capitals": lambda text: "".join(
        f"\\u{ord(char):04X}" if "\x7f" < char < "\uffff" else _json(char) for char in text
    ),
    "JSON in a URL": lambda text: quote(_json(text), safe=""),
    "repr": lambda text: repr(text)[1:-1],
    "repr in ASCII": lambda text: ascii(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "octal": lambda text: "".join(f"\\{byte:03o}" if byte > 126 else chr(byte) for byte in text.encode()),
    "shell": lambda text: shlex.quote(text).strip("'"),
    "shell with backslashes": lambda text: "".join(
        char if char.isalnum() or char == "\n" else f"\\{char}" for char in text
    ),
    "shell with double quotes": lambda text: "".join(f"\\{char}" if char in '"\\$`' else char for char in text),
    "HTML": html.escape,
    "HTML in numbers": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML in hex": lambda text: "".join(f"&#x{ord(char):X};" if not char.isalnum() else char for char in text),
    "Markdown": lambda text: "".join(f"\\{char}" if char in string.punctuation else char for char in text),
}

ALPHABETS = (
    string.ascii_letters + string.digits,
    string.ascii_letters + string.digits + "+/=_-",
    string.printable.strip() + " ",
    string.ascii_letters + "äöüßéΩ漢字🔑",
    string.ascii_letters + "\"'\\`*_[]|<>&%\t",
)


def secrets(count: int, seed: int) -> Iterator[str]:
    """Yield values as people have them: tokens, passwords, keys of several lines, documents."""
    dice = random.Random(seed)
    for index in range(count):
        alphabet = ALPHABETS[index % len(ALPHABETS)]
        lines = ["".join(dice.choices(alphabet, k=dice.randint(12, 60))).strip() for _ in range(1 + index % 7 // 5 * 3)]
        yield "\n".join(lines)
