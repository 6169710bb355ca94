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
        going_on = set(throws)
        async for message in socket:
            told = json.loads(message)
            print(told["id"], told.get("phase") or "refused", told["error"])
            # `done` comes with the last phase of a run; what was refused has none.
            if told.get("done", True):
                going_on.discard(told["id"])
            if not going_on:
                break


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
