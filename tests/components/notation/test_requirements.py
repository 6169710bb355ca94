"""Requirements of Python packages, and the credentials in their URLs."""

from __future__ import annotations

import pytest
from pulumi_flyte.notation.requirements import has_credentials, line_problem, requirement_lines, requirement_problem


@pytest.mark.parametrize(
    "text",
    [
        *("httpx", "httpx[http2]>=0.27,<1", "tomli>=2; python_version < '3.11'", "zope.interface (>=5)"),
        *("x @ git+ssh://git@github.com/acme/x@main", "x @ https://${TOKEN}@host/x.whl"),
    ],
)
def test_what_pep_508_describes_is_a_requirement(text: str) -> None:
    assert requirement_problem(text) is None


@pytest.mark.parametrize("text", ["fastapi=1", "httpx>=", "a b", "", "--index-url x", "httpx>=0.27 <1", "x[", "\0"])
def test_other_texts_are_none(text: str) -> None:
    assert requirement_problem(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("https://me:hunter2@host/simple", "https://t0ken@host/x.whl", "--index-url HTTPS://:hunter2@host"),
        *("git+ssh://git:hunter2@host/x", "x @ git+https://t0ken@host/x", "https://${USER}:hunter2@host/"),
        "--extra-index-url https://a.example https://me:hunter2@host",
    ],
)
def test_a_credential_in_a_url_is_seen(text: str) -> None:
    assert has_credentials(text)


@pytest.mark.parametrize(
    "text",
    [
        *("git+ssh://git@host/x", "ssh://git@host/x", "https://${TOKEN}@host/x", "https://robot:${TOKEN}@host/simple"),
        *("https://host/a@b", "httpx==1", "mail me@example.com"),
    ],
)
def test_the_user_of_ssh_and_a_variable_are_no_credential(text: str) -> None:
    assert not has_credentials(text)


def test_a_line_goes_on_after_a_backslash() -> None:
    text = "# pinned\nhttpx==0.28.1 \\\n    --hash=sha256:aa \\\r\n    --hash=sha256:bb\n\n  rich\n"
    first, second = requirement_lines(text)
    assert first.split() == ["httpx==0.28.1", "--hash=sha256:aa", "--hash=sha256:bb"]
    assert second == "rich"
    assert line_problem(first) is None


@pytest.mark.parametrize(
    "line",
    [
        *("httpx>=0.27  # for HTTP", "--index-url https://pypi.example.com/simple", "--no-binary :all:"),
        *("https://host/x-1-py3-none-any.whl", "git+https://host/x@main#egg=x", "${PACKAGE}==1"),
    ],
)
def test_a_line_of_a_requirements_file_may_say_more(line: str) -> None:
    assert line_problem(line) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        *((line, "names another file") for line in ("-r other.txt", "./here", "/there", "-e .", "dist/x-1-any.whl")),
        *((line, "a requirement such as") for line in ("httpx>=", "fastapi=1", "two words")),
    ],
)
def test_a_line_that_cannot_be_installed_says_why(line: str, reason: str) -> None:
    assert reason in str(line_problem(line))
