"""The kinds of resources, one folder each, and what their lives have in common.

A folder has the same modules for every kind: `shape` (the inputs and their rules), `identity` (which object), `wire`
(inputs to messages of the Flyte API and back, pure), `calls` (the API's service), `ownership` (whose an object is) and
`lifecycle` (what the engine's operations do). A small kind leaves some of them out.
"""
