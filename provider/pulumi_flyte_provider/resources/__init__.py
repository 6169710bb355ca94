"""The kinds of resources, with one folder for each kind, and the code that they share.

Every folder has the same modules; a small kind has only some of them:

- `shape`: the inputs and their rules.
- `identity`: the name of the object in the Flyte API, and its id.
- `wire`: the conversion of inputs to messages of the Flyte API and back, pure.
- `calls`: the calls to the API.
- `ownership`: the rules for objects that belong to somebody else.
- `lifecycle`: the engine's operations.
"""
