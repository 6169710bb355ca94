"""Comments on Bitbucket Cloud. Bitbucket Data Center has another API."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from pulumi_flyte_review.comments.api import Api, NotFoundError
from pulumi_flyte_review.comments.body import is_ours
from pulumi_flyte_review.comments.dialect import BITBUCKET, Dialect
from pulumi_flyte_review.comments.host import Comment
from pulumi_flyte_review.comments.pull_request import Credentials, Head, PullRequest
from pulumi_flyte_review.errors import HostBusyError, HostError

PAGE = "100"


class _Account(BaseModel):
    uuid: str
    type: str = "user"


class _Content(BaseModel):
    raw: str = ""


class _Link(BaseModel):
    href: str


class _Links(BaseModel):
    html: _Link | None = None


class _Comment(BaseModel):
    id: int
    content: _Content = _Content()
    # None for the comments of a deleted account.
    user: _Account | None = None
    deleted: bool = False
    links: _Links = _Links()

    @property
    def value(self) -> Comment:
        return Comment(self.id, self.content.raw, self.links.html.href if self.links.html else "")


class _Page(BaseModel):
    values: list[_Comment]
    next: str = ""


_COMMENT = TypeAdapter(_Comment)


class Bitbucket:
    """The comments of a pull request on Bitbucket Cloud."""

    def __init__(self, pull_request: PullRequest) -> None:
        if isinstance(pull_request.number, Head):
            raise HostError("Bitbucket finds a pull request by its number only. Give --pull-request.")
        credentials = pull_request.credentials
        self._api = Api(
            "Bitbucket", pull_request.api, {"Authorization": _authorization(credentials)}, credentials.token, advice
        )
        repository = quote(pull_request.repository, safe="/")
        self._comments = f"repositories/{repository}/pullrequests/{pull_request.number}/comments"
        self._author: _Account | None = None

    @property
    def dialect(self) -> Dialect:
        return BITBUCKET

    async def close(self) -> None:
        await self._api.close()

    async def comments(self) -> Sequence[Comment]:
        author = await self._find_author()
        comments: list[_Comment] = []
        page = self._comments
        params: dict[str, str] | None = {"pagelen": PAGE, "sort": "created_on"}
        while page:
            values, _ = await self._api.call("GET", page, TypeAdapter(_Page), params=params)
            comments += values.values
            page, params = values.next, None
        return [
            comment.value
            for comment in comments
            if not comment.deleted and _wrote(author, comment) and is_ours(comment.content.raw, BITBUCKET)
        ]

    async def comment(self, number: int) -> Comment | None:
        try:
            comment, _ = await self._api.call("GET", f"{self._comments}/{number}", _COMMENT)
        except NotFoundError:
            return None
        return None if comment.deleted else comment.value

    async def create(self, body: str) -> Comment:
        comment, _ = await self._api.call("POST", self._comments, _COMMENT, json={"content": {"raw": body}})
        return comment.value

    async def update(self, number: int, body: str) -> bool:
        return await self._api.change("PUT", f"{self._comments}/{number}", _COMMENT, {"content": {"raw": body}})

    async def delete(self, number: int) -> None:
        await self._api.delete(f"{self._comments}/{number}")

    async def _find_author(self) -> _Account:
        """Return who the token is. Bitbucket does not say that to the access token of a repository."""
        if self._author is None:
            self._author = await self._ask_author()
        return self._author

    async def _ask_author(self) -> _Account:
        try:
            account, _ = await self._api.call("GET", "user", TypeAdapter(_Account))
        except HostBusyError:
            raise
        except HostError:
            return _Account(uuid="", type="app_user")
        return account


def _authorization(credentials: Credentials) -> str:
    if credentials.user is None:
        return f"Bearer {credentials.token}"
    return "Basic " + base64.b64encode(f"{credentials.user}:{credentials.token}".encode()).decode()


def _wrote(author: _Account, comment: _Comment) -> bool:
    """Return whether the token's owner wrote a comment. Where that is not known, any access token's comment counts."""
    if comment.user is None:
        return False
    return comment.user.uuid == author.uuid if author.uuid else comment.user.type == author.type


def advice(response: httpx.Response) -> str:
    """Return what to do about an error."""
    match response.status_code:
        case 401:
            return "BITBUCKET_TOKEN is not valid, or has expired."
        case 403:
            return "The token lacks a permission. It needs `pullrequest:write`."
        case 404:
            return (
                "There is no such repository or pull request, or the token may not see it. "
                "Check --repository and --pull-request."
            )
        case _:
            return ""
