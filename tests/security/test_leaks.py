"""A canary secret appears nowhere: not in plain, base64, url-encoded or hexadecimal form."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.harness import Stack
from tests.e2e.programs import SHOP

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]
CANARY = "c4n/ry+Ω &=%s3cret-9f27"


def forms(secret: str) -> dict[str, bytes]:
    """Return the forms in which a secret may appear, with base64 at its three alignments."""
    raw = secret.encode()
    encodings = {
        "plain": raw,
        "json": secret.encode("unicode_escape"),
        "url": quote(secret, safe="").encode(),
        "url plus": quote(secret, safe="/").replace("%20", "+").encode(),
        "hex": raw.hex().encode(),
    }
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        # The first and last characters also depend on the neighbours.
        encodings[f"base64 at {shift}"] = encoded[(shift * 8 + 5) // 6 + 1 : -4]
        encodings[f"base64url at {shift}"] = base64.urlsafe_b64encode(b"\0" * shift + raw)[
            (shift * 8 + 5) // 6 + 1 : -4
        ]
    return encodings


def assert_clean(where: str, content: bytes) -> None:
    for form, written in forms(CANARY).items():
        assert written not in content, f"the canary is in {where} ({form})"
    assert CANARY.encode().upper().hex().encode() not in content


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The shop deployed with the canary as its secret, with everything that was printed on the way."""
    stack = Stack(tmp_path_factory.mktemp("leaks") / "stack")
    stack.write(SHOP)
    stack.init()
    # From standard input, as a person would: the shell's history and `ps` never see it.
    stack.pulumi("config", "set", "--secret", "webhookApiKey", "--stack", stack.name, check=True, stdin=CANARY)
    yield stack
    stack.close()


def test_the_canary_is_written_down_nowhere(shop: Stack) -> None:
    preview = shop.preview("--diff")
    deployed = shop.up()
    assert deployed.code == 0, deployed.text[-3000:]
    url = f"http://127.0.0.1:{shop.port}/apps/shop/development/webhook"
    assert httpx.get(f"{url}/key", timeout=60).json() == {"length": len(CANARY)}, "the app did get it"
    assert httpx.get(f"{url}/jobs", timeout=60).status_code == 200
    texts = {
        "the preview": preview.text,
        "preview --json": shop.pulumi("preview", "--json", "--stack", shop.name).text,
        "the update": deployed.text,
        "the state": shop.pulumi("stack", "export", check=True).text,
        "stack output": shop.pulumi("stack", "output", "--json").text,
        "the console": httpx.get(
            f"http://127.0.0.1:{shop.port}/v2/domain/development/project/shop/apps/webhook", timeout=60
        ).text,
        "events": httpx.get(
            f"http://127.0.0.1:{shop.port}/local/v1/events",
            params={"project": "shop", "domain": "development", "app": "webhook"},
            timeout=60,
        ).text,
        "ps": subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout,
    }
    for where, text in texts.items():
        assert_clean(where, text.encode())
    for path, content in contents(shop.base / "home", shop.base / "cache", shop.base / "backend"):
        assert_clean(str(path.relative_to(shop.base)), content)


TELLTALE = """\
import os
raise RuntimeError("bad key " + os.environ["WEBHOOK_API_KEY"])
"""


def test_an_app_that_prints_its_secret_leaks_it_into_no_state(shop: Stack) -> None:
    guarded = f"import os\nif 'FLYTE_ROOT_PATH' in os.environ:\n    exec({TELLTALE!r})\n"
    shop.write({"webhook.py": guarded + SHOP["webhook.py"]})
    failed = shop.up()
    assert failed.code != 0
    assert "bad key ***" in failed.text, "what it printed is shown, but for the secret"
    texts = {
        "the failure": failed.text,
        "the state": shop.pulumi("stack", "export", check=True).text,
        "flyte-local logs": shop.run("flyte-local", "logs", "webhook", check=False).text,
    }
    for where, text in texts.items():
        assert_clean(where, text.encode())
    # The app's own log file, below the home that only its owner can read, holds what the app wrote.
    for path, content in contents(shop.base / "backend", shop.base / "cache"):
        assert_clean(str(path.relative_to(shop.base)), content)
    shop.write({"webhook.py": SHOP["webhook.py"]})
    assert shop.up().code == 0


def test_the_canary_is_in_no_error_message(shop: Stack) -> None:
    program = SHOP["__main__.py"].replace(
        'secrets={"WEBHOOK_API_KEY": key},', 'env={"LEAK": config.require_secret("webhookApiKey")},'
    )
    shop.write({"__main__.py": program})
    refused = shop.up()
    assert refused.code != 0
    assert "LEAK" in refused.text
    assert "Secret" in refused.text, "it says what to do instead"
    assert_clean("the refusal", refused.text.encode())
    shop.write({"__main__.py": SHOP["__main__.py"]})
    rotated = shop.up()
    assert rotated.code == 0
    assert shop.destroy().code == 0
    assert not shop.remaining()


def contents(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file below the folders, with its content.

    The control plane goes on meanwhile, so a temporary file may be gone before it is read.
    """
    for folder in folders:
        for place, _, names in os.walk(folder):
            for path in (Path(place, name) for name in names):
                if path.is_file() and not path.is_symlink():
                    with contextlib.suppress(FileNotFoundError):
                        yield path, path.read_bytes()
