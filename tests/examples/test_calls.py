"""Tasks and apps that call each other over HTTP."""

from __future__ import annotations

from tests.examples.conftest import Deploy
from tests.examples.example import until


def test_a_task_asks_an_app(deployed: Deploy) -> None:
    with deployed("task-to-app") as example:
        assert example.ask("POST", "scorer", "/score", json={"text": "great but broken"}).json() == 0
        example.follow_readme()


def test_an_app_starts_runs_of_a_task(deployed: Deploy) -> None:
    with deployed("app-to-task") as example:
        example.follow_readme()
        run = example.ask("POST", "api", "/jobs", json={"numbers": [4, 5]}).json()["run"]
        succeeded = {"phase": "succeeded", "result": 9}
        until(lambda: example.ask("GET", "api", f"/jobs/{run}").json() == succeeded, "the run's result")
        assert example.ask("GET", "api", "/jobs/r-none").status_code == 404
        assert example.ask("POST", "api", "/jobs", json={"numbers": ["four"]}).status_code == 422


def test_an_app_asks_an_app_which_lets_nobody_else_in(deployed: Deploy) -> None:
    with deployed("app-to-app") as example:
        example.follow_readme()


def test_two_apps_call_each_other(deployed: Deploy) -> None:
    with deployed("app-endpoint-by-name") as example:
        example.follow_readme()
