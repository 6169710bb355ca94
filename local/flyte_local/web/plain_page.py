"""A page that stands alone, for addresses of apps: it loads no other file of this server."""

from __future__ import annotations

from jinja2 import Environment

from flyte_local.web.paths import address

_TEMPLATE = Environment(autoescape=True).from_string(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{{ title }}</title>"
    "<style>:root{color-scheme:light dark;background:Canvas}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:12vh auto;"
    "padding:0 1.5rem;overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.25}small{opacity:.8}"
    "a{color:#0550ae}@media(prefers-color-scheme:dark){a{color:#79b8ff}}"
    ":focus-visible{outline:3px solid;outline-offset:2px}progress{width:100%}</style>"
    "<main><p><small>Flyte on this machine</small></p><h1>{{ title }}</h1>"
    '{% if waiting %}<progress aria-label="{{ title }}"></progress>{% endif %}'
    '<p role="status">{{ text }}</p><p><a href="{{ link }}">{{ label }}</a></p></main></html>'
)


def plain_page(title: str, text: str, link: str, label: str, *, waiting: bool = False) -> bytes:
    """Return a page with one paragraph and a link. `waiting` shows that something is going on."""
    sentence = text[:1].upper() + text[1:]
    page = _TEMPLATE.render(title=title, text=sentence, link=address(link), label=label, waiting=waiting)
    return page.encode("utf-8", "replace")
