"""The keys that `rt.serve` adds to the scope of a request."""

__all__ = ["ANSWERED", "LOCAL_PATH"]

# An object whose `status` is the status that the client was answered with, None before the answer. Its `at_end` takes a
# function that is called once with that status and the application's exception, after the end of the request.
ANSWERED = "flyte_runtime.answered"
# The path without the prefix of a request that came with one. It is the same by every address of the application.
LOCAL_PATH = "flyte_runtime.local_path"
