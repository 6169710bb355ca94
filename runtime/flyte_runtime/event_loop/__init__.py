"""Tools for asyncio: time limits, pauses, and synchronous calls from code outside an event loop."""
