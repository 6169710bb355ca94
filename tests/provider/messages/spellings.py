"""One value, and the ways in which programs write it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

VALUE = 'c4n4ry/p+ss "wörd"?'
SPELLINGS = [
    VALUE,
    base64.b64encode(VALUE.encode()).decode(),
    base64.urlsafe_b64encode(VALUE.encode()).decode().rstrip("="),
    quote(VALUE),
    quote_plus(VALUE),
    quote(VALUE, safe="").lower(),
    VALUE.encode().hex(),
    VALUE.encode().hex().upper(),
    json.dumps(VALUE)[1:-1],
]
