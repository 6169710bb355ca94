"""Comments on GitHub, and on GitHub Enterprise. The API calls a comment on a pull request an issue's comment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from pulumi_flyte_review.comments.api import Api, NotFoundError, UnauthorizedError
from pulumi_flyte_review.comments.body import is_ours
from pulumi_flyte_review.comments.dialect import GITHUB, Dialect
from pulumi_flyte_review.comments.host import Comment
from pulumi_flyte_review.comments.pull_request import Head, PullRequest
from pulumi_flyte_review.errors import HostBusyError, HostError

PAGE = "100"
T = TypeVar("T")


class _User(BaseModel):
    login: str
    type: str = "User"


class _Comment(BaseModel):
    id: int
    body: str | None = ""
    html_url: str = ""
    # None for the comments of a deleted account.
    user: _User | None = None

    @property
    def value(self) -> Comment:
        return Comment(self.id, self.body or "", self.html_url)


class _Repository(BaseModel):
    full_name: str


class _Head(BaseModel):
    sha: str
    # None if the fork is deleted.
    repo: _Repository | None = None


class _PullRequest(BaseModel):
    number: int
    head: _Head


class _Viewer(BaseModel):
    class _Data(BaseModel):
        class _Login(BaseModel):
            login: str

        viewer: _Login

    data: _Data


_COMMENT = TypeAdapter(_Comment)
_COMMENTS = TypeAdapter(list[_Comment])
_PULL_REQUESTS = TypeAdapter(list[_PullRequest])


class GitHub:
    """The comments of a pull request on GitHub."""

    def __init__(self, pull_request: PullRequest) -> None:
        self._pull_request = pull_request
        token = pull_request.credentials.token
        self._api = Api(
            "GitHub",
            pull_request.api,
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            token,
            advice,
        )
        self._repository = f"repos/{quote(pull_request.repository, safe='/')}"
        self._number = pull_request.number if isinstance(pull_request.number, int) else None
        self._author: _User | None = None

    @property
    def dialect(self) -> Dialect:
        return GITHUB

    async def close(self) -> None:
        await self._api.close()

    async def comments(self) -> Sequence[Comment]:
        author = await self._find_author()
        path = f"{self._repository}/issues/{await self._find_number()}/comments"
        return [
            comment.value
            async for comment in self._items(path, _COMMENTS)
            if is_ours(comment.body or "", GITHUB) and _wrote(author, comment)
        ]

    async def comment(self, number: int) -> Comment | None:
        try:
            comment, _ = await self._api.call("GET", self._comment_path(number), _COMMENT)
        except NotFoundError:
            return None
        return comment.value

    async def create(self, body: str) -> Comment:
        path = f"{self._repository}/issues/{await self._find_number()}/comments"
        comment, _ = await self._api.call("POST", path, _COMMENT, json={"body": body})
        return comment.value

    async def update(self, number: int, body: str) -> bool:
        return await self._api.change("PATCH", self._comment_path(number), _COMMENT, {"body": body})

    async def delete(self, number: int) -> None:
        await self._api.delete(self._comment_path(number))

    async def _items(self, path: str, shape: TypeAdapter[list[T]], **filters: str) -> AsyncIterator[T]:
        """Yield the items of all pages, each of which links the next one."""
        page, params = path, {**filters, "per_page": PAGE}
        while page:
            items, response = await self._api.call("GET", page, shape, params=params or None)
            for item in items:
                yield item
            # The link has the parameters.
            page, params = response.links.get("next", {}).get("url", ""), {}

    def _comment_path(self, number: int) -> str:
        return f"{self._repository}/issues/comments/{number}"

    async def _find_author(self) -> _User:
        """Return who the token is. A GitHub App, such as GitHub Actions, learns its name from GraphQL only."""
        if self._author is None:
            self._author = await self._ask_author()
        return self._author

    async def _ask_author(self) -> _User:
        try:
            user, _ = await self._api.call("GET", "user", TypeAdapter(_User))
            return user
        except (HostBusyError, UnauthorizedError):
            raise
        except HostError:
            pass
        try:
            answer, _ = await self._api.call(
                "POST", self._graphql, TypeAdapter(_Viewer), json={"query": "query { viewer { login } }"}
            )
            return _User(login=answer.data.viewer.login)
        except HostBusyError:
            raise
        except HostError:
            return _User(login="", type="Bot")

    @cached_property
    def _graphql(self) -> str:
        # GitHub: https://api.github.com/graphql. GitHub Enterprise: https://…/api/v3 and https://…/api/graphql.
        return "../graphql" if self._pull_request.api.rstrip("/").endswith("/api/v3") else "graphql"

    async def _find_number(self) -> int:
        if self._number is None:
            head = self._pull_request.number
            self._number = await self._search(head) if isinstance(head, Head) else head
        return self._number

    async def _search(self, head: Head) -> int:
        """Return the open pull request with this head. The event of a fork's workflow does not name it."""
        async for candidate in self._items(f"{self._repository}/pulls", _PULL_REQUESTS, state="open"):
            repository = candidate.head.repo and candidate.head.repo.full_name
            if candidate.head.sha == head.commit and repository == head.repository:
                return candidate.number
        raise HostError(
            f"No open pull request of {self._pull_request.repository} has commit {head.commit} of {head.repository} as "
            "its head. It is closed, or has newer commits."
        )


def _wrote(author: _User, comment: _Comment) -> bool:
    """Return whether the token's owner wrote a comment. Where GitHub does not say who that is, any bot will do."""
    if comment.user is None:
        return False
    return comment.user.login == author.login if author.login else comment.user.type == author.type


def advice(response: httpx.Response) -> str:
    """Return what to do about an error."""
    match response.status_code:
        case 401:
            return "GITHUB_TOKEN is not valid: it has expired, or is a token of another server."
        case 403 if "locked" in response.text:
            return "The conversation is locked."
        case 403:
            accepted = response.headers.get("x-accepted-github-permissions", "pull_requests=write")
            needed = accepted.replace("_", "-").replace("=", ": ").replace("; ", " or ").replace(",", " and ")
            return (
                f"The token lacks a permission ({needed}). In a workflow, add `permissions: pull-requests: write` to "
                "the job. A pull request from a fork gets a token that can only read: see docs/ci.md, Forks."
            )
        case 404 | 410:
            return (
                "There is no such repository or pull request, or the token may not see it. "
                "Check --repository and --pull-request."
            )
        case _:
            return ""
