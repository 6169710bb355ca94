"""A raw ASGI application: what a proxy can get wrong."""

import asyncio
import json
import os

aborted: list[str] = []
released = asyncio.Event()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await websocket(scope, receive, send)
    else:
        await http(scope, receive, send)


async def http(scope, receive, send):
    path = scope["path"]
    if path == "/stream":
        await start(send, [(b"content-type", b"text/plain")])
        await send({"type": "http.response.body", "body": b"first\n", "more_body": True})
        await released.wait()
        await send({"type": "http.response.body", "body": b"second\n"})
    elif path == "/slowly":
        await start(send, [])
        for number in range(5):
            await send({"type": "http.response.body", "body": f"{number}\n".encode(), "more_body": True})
            await asyncio.sleep(0.5)
        await send({"type": "http.response.body", "body": b""})
    elif path == "/release":
        released.set()
        await answer(send, b"")
    elif path == "/endless":
        await start(send, [])
        left = asyncio.ensure_future(gone(receive))
        while not left.done():
            await send({"type": "http.response.body", "body": b".", "more_body": True})
            await asyncio.sleep(0.05)
        aborted.append(path)
    elif path == "/aborted":
        await answer(send, json.dumps(aborted).encode())
    elif path == "/cut":
        await start(send, [(b"content-length", b"1000")])
        await send({"type": "http.response.body", "body": b"only this", "more_body": True})
        await asyncio.sleep(0.2)
        os._exit(1)
    elif path == "/cookies":
        await answer(
            send,
            b"",
            [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"connection", b"x-mine"), (b"x-mine", b"hop")],
        )
    elif path == "/redirect":
        await answer(send, b"", [(b"location", scope["query_string"])], 307)
    elif path == "/empty":
        await answer(send, b"", [], 204)
    elif path in ("/count", "/head-first"):
        count = 0
        if path == "/head-first":
            await start(send, [])
            await send({"type": "http.response.body", "body": b"count: ", "more_body": True})
            await asyncio.sleep(0.5)
        while True:
            message = await receive()
            count += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        if path == "/head-first":
            await send({"type": "http.response.body", "body": str(count).encode()})
        else:
            await answer(send, str(count).encode())
    elif path == "/duplex":
        await start(send, [])
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            if message["type"] == "http.disconnect":
                aborted.append(path)
            await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})
    elif path == "/early":
        await answer(send, b"no more", [(b"connection", b"close")], 413)
    elif path == "/hang":
        await asyncio.sleep(30)
    else:
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
        facts = {
            "method": scope["method"],
            "raw_path": scope["raw_path"].decode(),
            "headers": headers,
            "query": scope["query_string"].decode("latin-1"),
            "pid": os.getpid(),
        }
        await answer(send, json.dumps(facts).encode(), [(b"content-type", b"application/json")])


async def websocket(scope, receive, send):
    await receive()
    if scope["path"] == "/refuse":
        await send({"type": "websocket.close", "code": 1008})
        return
    if scope["path"] == "/hang":
        await asyncio.sleep(30)
    if scope["path"] == "/vanish":
        os._exit(1)
    protocols = scope["subprotocols"]
    await send({"type": "websocket.accept", "subprotocol": protocols[-1] if protocols else None})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            print("websocket ended with", message.get("code"), flush=True)
            return
        if message.get("text") == "vanish":
            os._exit(1)
        if message.get("text") == "close":
            await send({"type": "websocket.close", "code": 4321, "reason": "asked for"})
            return
        if message.get("text") is not None:
            await send({"type": "websocket.send", "text": f"echo {message['text']}"})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})


async def gone(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


async def start(send, headers, status=200):
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send, body, headers=(), status=200):
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await start(send, [*headers, *length], status)
    await send({"type": "http.response.body", "body": body})
