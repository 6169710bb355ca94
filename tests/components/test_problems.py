"""Problems are data: collected in order, and what follows from another one is left out."""

from __future__ import annotations

from pulumi_flyte.problems import Problem, Problems


def test_a_later_problem_of_a_property_that_has_one_follows_from_it() -> None:
    problems = Problems()
    problems.add("image.packages", "a list of strings")
    problems.extend([Problem("image", "required"), Problem("scaling", "too few"), Problem("imagery", "unknown")])
    assert [problem.path for problem in problems] == ["image.packages", "scaling", "imagery"]
