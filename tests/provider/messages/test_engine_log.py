"""Messages to the terminal."""

from __future__ import annotations

from pulumi_flyte_provider.messages import engine_log
from pulumi_flyte_provider.messages.redaction import Redactor

from tests.provider.messages.spellings import VALUE


def test_messages_to_the_terminal_do_not_show_a_value() -> None:
    redactor = Redactor()
    redactor.remember(VALUE)
    sent: list[str] = []
    log = engine_log.EngineLog("nowhere", redactor)
    log._stub = type("Stub", (), {"Log": lambda self, request, timeout: sent.append(request.message)})()
    log.info("urn", f"it says {VALUE}")
    log.warning("urn", f"it warns of {VALUE}")
    assert sent == ["it says ***", "it warns of ***"]
