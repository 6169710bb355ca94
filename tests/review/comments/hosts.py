"""Stand-ins of GitHub, GitLab and Bitbucket over real HTTP: their shapes, pages, limits, errors and latency."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Body: TypeAlias = Mapping[str, object]
TOKEN = "t0ken-of-the-job"


@dataclass
class Post:
    """A comment as the host keeps it. author: the login."""

    number: int
    body: str
    author: str
    is_bot: bool = False
    deleted: bool = False


@dataclass
class Refusal:
    """An answer to the next request whose `METHOD path` has this text in it, instead of the right one."""

    request: str
    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StandIn:
    """The base class of the stand-ins for hosts.

    latency: the longest wait before a request is answered, part of it before and part of it after it is carried out.
    token_has_user: whether the host says who the token is.
    """

    latency: float = 0.0
    author: str = "github-actions[bot]"
    token_has_user: bool = True
    posts: list[Post] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    pulls: list[Body] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    url: str = ""

    def add(self, body: str, author: str = "ada", *, is_bot: bool = False) -> Post:
        post = Post(1000 + len(self.posts), body, author, is_bot)
        self.posts.append(post)
        return post

    def find(self, request: Request) -> Post | None:
        number = int(request.path_params["number"])
        return next((post for post in self.posts if post.number == number and not post.deleted), None)

    @property
    def present(self) -> list[Post]:
        return [post for post in self.posts if not post.deleted]

    async def before(self, request: Request) -> Response | None:
        """Wait, and return a refusal if there is one for this request."""
        call = f"{request.method} {request.url.path}"
        self.requests.append(f"{call}?{request.url.query}")
        await asyncio.sleep(self.chance.uniform(0, self.latency / 2))
        for refusal in self.refusals:
            if refusal.request in call:
                self.refusals.remove(refusal)
                return JSONResponse(refusal.body, refusal.status, refusal.headers)
        return None

    async def after(self, response: Response) -> Response:
        await asyncio.sleep(self.chance.uniform(0, self.latency / 2))
        return response

    def app(self) -> Starlette:
        raise NotImplementedError

    async def answer(self, request: Request) -> Response:
        """Return the response to any request. Changes happen at one moment, between two waits."""
        refusal = await self.before(request)
        return await self.after(refusal or await self.respond(request))

    async def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def page(self, request: Request, size_parameter: str, default: int) -> tuple[list[Post], int, int]:
        """Return the posts of a page, its number and that of the last one."""
        size = min(int(request.query_params.get(size_parameter, default)), 100)
        number = int(request.query_params.get("page", 1))
        last = max(-(-len(self.posts) // size), 1)
        return self.posts[(number - 1) * size : number * size], number, last


class GitHubStandIn(StandIn):
    """GitHub's REST API, as far as comments need it."""

    def app(self) -> Starlette:
        comments = "/repos/{owner}/{name}/issues"
        return Starlette(
            routes=[
                Route("/user", self.answer),
                Route("/graphql", self.answer, methods=["POST"]),
                Route("/repos/{owner}/{name}/pulls", self.answer),
                Route(comments + "/comments/{number:int}", self.answer, methods=["GET", "PATCH", "DELETE"]),
                Route(comments + "/{issue:int}/comments", self.answer, methods=["GET", "POST"]),
            ]
        )

    async def respond(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.error(401, "Bad credentials")
        if request.url.path == "/user":
            if self.token_has_user:
                return JSONResponse({"login": self.author, "id": 1, "type": "User"})
            return self.error(403, "Resource not accessible by integration")
        if request.url.path == "/graphql":
            return JSONResponse({"data": {"viewer": {"login": self.author}}})
        if request.path_params.get("name") != "shop":
            return self.error(404, "Not Found")
        if request.url.path.endswith("/pulls"):
            return JSONResponse(self.pulls)
        if "number" in request.path_params:
            return await self.one(request)
        if request.method == "POST":
            body = (await request.json())["body"]
            too_long = self.check(body)
            return too_long or JSONResponse(self.shape(self.add(body, self.author, is_bot=True)), 201)
        posts, number, last = self.page(request, "per_page", 30)
        headers = {}
        if number < last:
            following = request.url.include_query_params(page=number + 1)
            end = request.url.include_query_params(page=last)
            headers["link"] = f'<{following}>; rel="next", <{end}>; rel="last"'
        return JSONResponse([self.shape(post) for post in posts], headers=headers)

    async def one(self, request: Request) -> Response:
        post = self.find(request)
        if post is None:
            return self.error(404, "Not Found")
        if request.method == "DELETE":
            self.posts.remove(post)
            return Response(status_code=204)
        if request.method == "PATCH":
            body = (await request.json())["body"]
            too_long = self.check(body)
            if too_long:
                return too_long
            post.body = body
        return JSONResponse(self.shape(post))

    def check(self, body: str) -> Response | None:
        # By the stricter of the two rules that GitHub is known for.
        if len(body) <= 65_536 and len(body.encode()) <= 262_144:
            return None
        problem = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
        problem["message"] = "Body is too long (maximum is 65536 characters)"
        return JSONResponse({"message": "Validation Failed", "errors": [problem], "status": "422"}, 422)

    def shape(self, post: Post) -> Body:
        kind = "Bot" if post.is_bot else "User"
        return {
            "id": post.number,
            "body": post.body,
            "html_url": f"https://github.com/acme/shop/pull/5#issuecomment-{post.number}",
            "user": {"login": post.author, "type": kind},
            "author_association": "NONE",
        }

    def error(self, status: int, message: str, **headers: str) -> Response:
        return JSONResponse({"message": message, "documentation_url": "https://docs.github.com/rest"}, status, headers)


class GitLabStandIn(StandIn):
    """GitLab's API of version 4, as far as notes need it."""

    def app(self) -> Starlette:
        merge_request = "/api/v4/projects/{project:path}/merge_requests/{iid:int}"
        return Starlette(
            routes=[
                Route("/api/v4/user", self.answer),
                Route(merge_request + "/notes/{number:int}", self.answer, methods=["GET", "PUT", "DELETE"]),
                Route(merge_request + "/notes", self.answer, methods=["GET", "POST"]),
                Route(merge_request, self.answer),
            ]
        )

    async def respond(self, request: Request) -> Response:
        if request.headers.get("private-token") != TOKEN:
            return JSONResponse({"message": "401 Unauthorized"}, 401)
        if request.url.path == "/api/v4/user":
            return JSONResponse({"id": self.identity(self.author), "username": self.author})
        if request.path_params["project"] != "acme/shop":
            return JSONResponse({"message": "404 Project Not Found"}, 404)
        if request.url.path.endswith(f"/merge_requests/{request.path_params['iid']}"):
            return JSONResponse({"iid": 5, "web_url": "https://gitlab.example/acme/shop/-/merge_requests/5"})
        if "number" in request.path_params:
            return await self.one(request)
        if request.method == "POST":
            body = (await request.json())["body"]
            return self.check(body) or JSONResponse(self.shape(self.add(body, self.author)), 201)
        posts, number, last = self.page(request, "per_page", 20)
        following = str(number + 1) if number < last else ""
        headers = {"x-page": str(number), "x-next-page": following, "x-total-pages": str(last)}
        return JSONResponse([self.shape(post) for post in posts], headers=headers)

    async def one(self, request: Request) -> Response:
        post = self.find(request)
        if post is None:
            return JSONResponse({"message": "404 Not found"}, 404)
        if request.method == "DELETE":
            self.posts.remove(post)
            return Response(status_code=204)
        if request.method == "PUT":
            body = (await request.json())["body"]
            too_long = self.check(body)
            if too_long:
                return too_long
            post.body = body
        return JSONResponse(self.shape(post))

    def check(self, body: str) -> Response | None:
        if len(body) <= 1_000_000:
            return None
        return JSONResponse({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}, 400)

    def identity(self, author: str) -> int:
        return sum(author.encode())

    def shape(self, post: Post) -> Body:
        return {
            "id": post.number,
            "type": None,
            "body": post.body,
            "system": False,
            "author": {"id": self.identity(post.author), "username": post.author},
        }


class BitbucketStandIn(StandIn):
    """Bitbucket Cloud's API of version 2.0, as far as comments need it."""

    def app(self) -> Starlette:
        comments = "/2.0/repositories/{owner}/{name}/pullrequests/{pull:int}/comments"
        return Starlette(
            routes=[
                Route("/2.0/user", self.answer),
                Route(comments + "/{number:int}", self.answer, methods=["GET", "PUT", "DELETE"]),
                Route(comments, self.answer, methods=["GET", "POST"]),
            ]
        )

    async def respond(self, request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith(("Bearer ", "Basic ")):
            return self.error(401, "Token is invalid, expired, or not supported for this endpoint.")
        if request.url.path == "/2.0/user":
            if self.token_has_user:
                return JSONResponse({"uuid": self.author, "type": "user", "display_name": "CI"})
            return self.error(403, "Token is invalid or not supported for this endpoint.")
        if request.path_params["name"] != "shop":
            return self.error(404, "Repository acme/none not found")
        if "number" in request.path_params:
            return await self.one(request)
        if request.method == "POST":
            body = (await request.json())["content"]["raw"]
            return self.check(body) or JSONResponse(self.shape(self.add(body, self.author, is_bot=True)), 201)
        posts, number, last = self.page(request, "pagelen", 10)
        page: dict[str, object] = {"values": [self.shape(post) for post in posts], "pagelen": 10, "page": number}
        if number < last:
            page["next"] = str(request.url.include_query_params(page=number + 1))
        return JSONResponse(page)

    async def one(self, request: Request) -> Response:
        post = self.find(request)
        if post is None:
            return self.error(404, "Comment not found")
        if request.method == "DELETE":
            post.deleted = True
            return Response(status_code=204)
        if request.method == "PUT":
            body = (await request.json())["content"]["raw"]
            too_long = self.check(body)
            if too_long:
                return too_long
            post.body = body
        return JSONResponse(self.shape(post))

    def check(self, body: str) -> Response | None:
        if len(body) < 32_768:
            return None
        return self.error(400, "Please enter a non-empty value less than 32768 characters")

    def shape(self, post: Post) -> Body:
        kind = "app_user" if post.is_bot and not self.token_has_user else "user"
        return {
            "id": post.number,
            "deleted": post.deleted,
            "content": {"raw": "" if post.deleted else post.body, "markup": "markdown"},
            "user": {"uuid": post.author, "type": kind},
            "links": {
                "html": {"href": f"https://bitbucket.org/acme/shop/pull-requests/5/_/diff#comment-{post.number}"}
            },
        }

    def error(self, status: int, message: str) -> Response:
        return JSONResponse({"type": "error", "error": {"message": message}}, status)


@contextmanager
def serve(stand_in: StandIn) -> Iterator[StandIn]:
    """Serve a stand-in on a free port of this machine."""
    config = uvicorn.Config(stand_in.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    stand_in.url = f"http://127.0.0.1:{port}"
    try:
        yield stand_in
    finally:
        server.should_exit = True
        thread.join()
