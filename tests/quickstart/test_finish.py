from __future__ import annotations

import shlex
from types import ModuleType
from typing import Any

import httpx
import pytest

URLS = {
    "gateway": "http://127.0.0.1:8480/apps/quickstart/development/gateway",
    "modelApi": "http://127.0.0.1:8480/apps/quickstart/development/model-api",
    "dashboard": "http://127.0.0.1:8480/apps/quickstart/development/dashboard",
    "console": "http://127.0.0.1:8480/v2/domain/development/project/quickstart/tasks/digits.train",
}
RESULT = {"run": "r2", "model": "r1", "accuracy": 0.9688888, "matrix": []}


def commands(finish: ModuleType) -> list[list[str]]:
    lines = finish.report(URLS, RESULT).splitlines()
    return [shlex.split(lines[at + 1]) for at, line in enumerate(lines) if line.startswith("# ")]


def test_the_report_has_the_accuracy_and_every_url(finish: ModuleType) -> None:
    text = finish.report(URLS, RESULT)
    assert "96.89%" in text
    assert all(url in text for url in URLS.values())


def test_each_of_the_five_patterns_has_one_curl_line(finish: ModuleType) -> None:
    lines = commands(finish)
    assert len(lines) == 5
    assert all("curl" in line for line in lines)


def test_the_key_reaches_curl_by_a_pipe_only(finish: ModuleType) -> None:
    for line in commands(finish):
        if any("/webhooks/" in word for word in line):
            assert line[:4] == ["make", "-sC", str(finish.ROOT), "webhook-header"]
            assert line[-2:] == ["-H", "@-"]


def test_the_digit_to_paste_is_held_out_and_a_three(finish: ModuleType, split: list[Any], classifier: Any) -> None:
    assert len(finish.ROW) == 64
    where = [row.tolist() for row in split[1]].index(finish.ROW)
    assert split[3][where] == 3
    assert classifier.predict([finish.ROW]).tolist() == [3]


async def test_an_answer_that_is_an_error_is_told_with_its_text(finish: ModuleType) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(401, text="the webhook key is missing or wrong"))
    async with httpx.AsyncClient(transport=transport) as client:
        gateway = finish.Gateway("http://gateway.test/", client)
        with pytest.raises(finish.Unfinished, match=r"webhooks/train answered 401: the webhook key is missing"):
            await gateway.start("train", "k")


async def test_what_is_not_there_yet_is_nothing(finish: ModuleType) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404 if "results" in str(request.url) else 503))
    async with httpx.AsyncClient(transport=transport) as client:
        gateway = finish.Gateway("http://gateway.test", client)
        assert await gateway.get("/results") is None
        assert await gateway.get("/model") is None


@pytest.mark.parametrize("blank", [httpx.ReadTimeout(""), httpx.ConnectError(""), 502, 504])
async def test_an_app_that_wakes_from_zero_is_outlasted(
    finish: ModuleType, monkeypatch: pytest.MonkeyPatch, blank: Exception | int
) -> None:
    monkeypatch.setattr(finish, "PAUSE", 0.0)
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if len(seen) < 4:
            if isinstance(blank, Exception):
                raise blank
            return httpx.Response(blank)
        return httpx.Response(200, json={"run": "r", "url": "u"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        assert await finish.Gateway("http://gateway.test", client).start("train", "k") == {"run": "r", "url": "u"}
    assert len({request.headers["idempotency-key"] for request in seen}) == 1


async def test_what_never_wakes_is_told_with_a_reason(finish: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finish, "PAUSE", 0.0)
    monkeypatch.setattr(finish, "WAKE_SECONDS", 0.0)

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(finish.Unfinished, match=r"/model has not been answered within 0 s: ReadTimeout$"):
            await finish.Gateway("http://gateway.test", client).get("/model")


@pytest.mark.parametrize("error", [TimeoutError(), httpx.ReadTimeout(""), ConnectionResetError()])
def test_no_error_is_blank(
    finish: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    async def fails(stack: str) -> str:
        raise error

    monkeypatch.setattr(finish, "finish", fails)
    monkeypatch.setattr("sys.argv", ["finish.py"])
    assert finish.main() == 1
    assert capsys.readouterr().err == f"error: {type(error).__name__}\n"
