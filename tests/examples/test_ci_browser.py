"""A real comment, as GitHub shows it: reports of two stacks of examples/app-to-app."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from markdown_it import MarkdownIt

from tests.browser import Browser, browser, screenshot  # noqa: F401
from tests.examples.test_ci import ROOT, git
from tests.review.comments.hosts import TOKEN, GitHubStandIn, serve

PULUMI_FLYTE = Path(sys.executable).parent / "pulumi-flyte"
PAGE = """<!doctype html><meta charset="utf-8"><title>Comment</title><style>
body {{ font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328 }}
article {{ border: 1px solid #d1d9e0; border-radius: 6px; max-width: 820px }}
header {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; border-radius: 6px 6px 0 0 }}
header span {{ color: #59636e }}
main {{ padding: 0 16px }}
h3 {{ font-size: 1.25em; margin: 20px 0 12px }}
li + li {{ margin-top: 4px }}
ul {{ padding-left: 2em }}
code {{ background: #818b981f; padding: .2em .4em; border-radius: 6px; font-size: 85% }}
a {{ color: #0969da }}
</style><article><header><b>github-actions</b> <span>bot commented now</span></header><main>{body}</main></article>"""


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def report(folder: Path, stack: str, environment: dict[str, str]) -> None:
    """Compare the working tree with its last commit, and put the report into the comment."""
    diff = (
        PULUMI_FLYTE,
        "diff",
        "--offline",
        "--base",
        "HEAD",
        "--stack",
        stack,
        "--format",
        "json",
        "--output",
        "r.json",
    )
    assert subprocess.run(diff, cwd=folder, check=False).returncode == 2
    comment = (PULUMI_FLYTE, "comment", "--report", "r.json", "--settle", "0")
    subprocess.run(comment, cwd=folder, env={**environment, "PATH": os.environ["PATH"]}, check=True)


def test_comment_is_readable(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    folder = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "app-to-app", folder)
    project = f"name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: {Path(sys.prefix)}\n"
    (folder / "Pulumi.yaml").write_text(project)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    with serve(GitHubStandIn()) as github:
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github.url,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REF": "refs/pull/5/merge",
            "GITHUB_RUN_ID": "9",
            "GITHUB_SHA": "3f1c2a9be07d45c8",
            "GITHUB_TOKEN": TOKEN,
        }
        change(folder, "backend.py", '"/greeting/', '"/greetings/')
        report(folder, "dev", environment)
        change(folder, "__main__.py", "retries=3", "retries=5")
        change(folder, "__main__.py", '"backend", environment=shop', '"greeter", environment=shop')
        report(folder, "production", environment)
        (post,) = github.present
    html = MarkdownIt("commonmark").enable("table").render(post.body)
    with browser.page(width=880, height=520) as page:
        page.set_content(PAGE.format(body=html))
        assert page.locator("h3").all_inner_texts() == [
            "shop/dev: updates 1",
            "shop/production: deletes 1, creates 1, updates 1, changes 1 output",
        ]
        assert "pulumi-flyte:" not in page.locator("main").inner_text()
        assert "breaks a call" in page.locator("main").inner_text()
        screenshot(page, "ci-comment", full_page=True)
