"""Deliveries from outside start runs."""

from __future__ import annotations

import json
import secrets

from tests.examples.conftest import Deploy

KEY = secrets.token_hex(24)


def test_webhooks_start_runs(deployed: Deploy) -> None:
    with deployed("webhook", webhookKey=KEY) as example:
        example.follow_readme()
        order = {"item": "book", "count": 1}
        assert example.ask("POST", "webhook", "/orders", json=order).status_code == 401
        headers = {"Authorization": f"Bearer {KEY}"}
        unfit = example.ask("POST", "webhook", "/orders", json={"item": "book", "count": 0}, headers=headers)
        assert unfit.status_code == 422
        assert unfit.json()["detail"][0]["loc"] == ["body", "count"]
        once = {**headers, "Idempotency-Key": secrets.token_hex(16)}
        first = example.ask("POST", "webhook", "/orders", json=order, headers=once)
        again = example.ask("POST", "webhook", "/orders", json=order, headers=once)
        assert (first.status_code, again.status_code) == (202, 200)
        assert again.json()["detail"]["runs"] == [first.json()["run"]]


def test_a_push_starts_a_run(deployed: Deploy) -> None:
    with deployed("github-webhook", githubSecret=KEY) as example:
        example.follow_readme()
        delivery = secrets.token_hex(16)
        send = f"pulumi config get githubSecret | python deliver.py {example.urls['webhook']}/github push {delivery}"
        first = example.run("bash", "-c", send).text
        again = example.run("bash", "-c", send).text
        assert first.startswith("202"), first
        run = json.loads(first.removeprefix("202 "))["run"]
        assert json.loads(again.removeprefix("200 "))["detail"] == {"duplicate": delivery, "runs": [run]}
