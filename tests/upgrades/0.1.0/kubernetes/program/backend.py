from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {"app": "backend", "edition": 1})
