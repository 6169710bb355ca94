"""The work with asyncio: limits in time, pauses, and calls from code that runs in no event loop."""
