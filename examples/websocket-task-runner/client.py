"""Starts several runs at once over one connection and follows them: `python client.py URL THROWS…`."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect


async def main(url: str, *throws: str) -> None:
    async with connect(url, proxy=None) as socket:
        for number in throws:
            inputs = {"throws": int(number)}
            await socket.send(json.dumps({"id": number, "task": "simulate", "inputs": inputs}))
        running = set(throws)
        async for message in socket:
            update = json.loads(message)
            print(update["id"], update.get("phase") or "refused", update["error"])
            # `done` is true in the last update of a run. A refused request has no `done`.
            if update.get("done", True):
                running.discard(update["id"])
            if not running:
                break


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
