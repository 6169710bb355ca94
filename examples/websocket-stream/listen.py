"""Prints some readings: `python listen.py URL COUNT`."""

import asyncio
import sys

from websockets.asyncio.client import connect


async def main(url: str, count: str) -> None:
    async with connect(url, proxy=None) as socket:
        for _ in range(int(count)):
            print(await socket.recv())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
