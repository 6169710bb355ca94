"""Comments on GitLab, self-managed or not. The API calls a comment a note, and a pull request a merge request."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from pulumi_flyte_review.comments.api import Api, NotFoundError
from pulumi_flyte_review.comments.body import is_ours
from pulumi_flyte_review.comments.dialect import GITLAB, Dialect
from pulumi_flyte_review.comments.host import Comment
from pulumi_flyte_review.comments.pull_request import Head, PullRequest
from pulumi_flyte_review.errors import HostError

PAGE = "100"


class _User(BaseModel):
    id: int


class _Note(BaseModel):
    id: int
    body: str
    author: _User
    system: bool = False


class _MergeRequest(BaseModel):
    web_url: str = ""


_NOTE = TypeAdapter(_Note)
_NOTES = TypeAdapter(list[_Note])


class GitLab:
    """The notes of a merge request on GitLab."""

    def __init__(self, pull_request: PullRequest) -> None:
        if isinstance(pull_request.number, Head):
            raise HostError("GitLab finds a merge request by its number only. Give --pull-request.")
        token = pull_request.credentials.token
        self._api = Api("GitLab", pull_request.api, {"PRIVATE-TOKEN": token}, token, advice)
        project = quote(pull_request.repository, safe="")
        self._merge_request = f"projects/{project}/merge_requests/{pull_request.number}"
        self._notes = f"{self._merge_request}/notes"
        self._author: int | None = None
        self._page = ""

    @property
    def dialect(self) -> Dialect:
        return GITLAB

    async def close(self) -> None:
        await self._api.close()

    async def comments(self) -> Sequence[Comment]:
        if self._author is None:
            user, _ = await self._api.call("GET", "user", TypeAdapter(_User))
            self._author = user.id
            merge_request, _ = await self._api.call("GET", self._merge_request, TypeAdapter(_MergeRequest))
            self._page = merge_request.web_url
        notes: list[_Note] = []
        page: str | None = "1"
        while page:
            params = {"per_page": PAGE, "page": page, "sort": "asc", "order_by": "created_at"}
            values, response = await self._api.call("GET", self._notes, _NOTES, params=params)
            notes += values
            page = response.headers.get("x-next-page")
        return [
            self._comment(note)
            for note in notes
            if not note.system and note.author.id == self._author and is_ours(note.body, GITLAB)
        ]

    async def comment(self, number: int) -> Comment | None:
        try:
            note, _ = await self._api.call("GET", f"{self._notes}/{number}", _NOTE)
        except NotFoundError:
            return None
        return self._comment(note)

    async def create(self, body: str) -> Comment:
        note, _ = await self._api.call("POST", self._notes, _NOTE, json={"body": body})
        return self._comment(note)

    async def update(self, number: int, body: str) -> bool:
        return await self._api.change("PUT", f"{self._notes}/{number}", _NOTE, {"body": body})

    async def delete(self, number: int) -> None:
        await self._api.delete(f"{self._notes}/{number}")

    def _comment(self, note: _Note) -> Comment:
        # The API does not say where a note is.
        return Comment(note.id, note.body, f"{self._page}#note_{note.id}" if self._page else "")


def advice(response: httpx.Response) -> str:
    """Return what to do about an error."""
    match response.status_code:
        case 401:
            return (
                "GITLAB_TOKEN is not valid, or is a job's token, which may not comment. Use the token of a project, a "
                "group or a person, with the scope `api`."
            )
        case 403:
            return (
                "The token lacks a permission. It needs the scope `api` and at least the role Reporter in the project."
            )
        case 404:
            return (
                "There is no such project or merge request, or the token may not see it. "
                "Check --repository and --pull-request."
            )
        case _:
            return ""
