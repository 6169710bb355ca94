"""Sends texts and prints the answers: `python client.py URL TEXT…`."""

import asyncio
import sys

from websockets.asyncio.client import connect


async def main(url: str, *texts: str) -> None:
    async with connect(url, proxy=None) as socket:
        for text in texts:
            await socket.send(text)
            print(await socket.recv())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
