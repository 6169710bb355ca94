"""A page that stands alone, for addresses of apps: it loads no other file of this server."""

from __future__ import annotations

from jinja2 import Environment

from flyte_local.web.paths import address

_TEMPLATE = Environment(autoescape=True).from_string(
    "<!doctype html><html lang=en><meta charset=utf-8><title>{{ title }}</title>"
    "<style>body{font:15px/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem;"
    "color-scheme:light dark}</style>"
    '<main><h1>{{ title }}</h1><p>{{ text }}{% if link %}<a href="{{ link }}">{{ label }}</a>.{% endif %}</p></main>'
    "</html>"
)


def plain_page(title: str, text: str, link: str = "", label: str = "") -> bytes:
    """Return a page with one paragraph, which may end with a link."""
    page = _TEMPLATE.render(title=title, text=text, link=address(link), label=label)
    return page.encode("utf-8", "replace")
