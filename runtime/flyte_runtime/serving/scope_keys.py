"""The keys that `rt.serve` adds to the scope of a request."""

__all__ = ["ANSWERED", "LOCAL_PATH"]

# An object whose attribute `status` is the status of the answer, or None before it. Its method `at_end` takes a
# function, which is called once after the end of the request, with that status and the application's exception.
ANSWERED = "flyte_runtime.answered"
# The path of a request without its prefix. It is the same for every address of the application.
LOCAL_PATH = "flyte_runtime.local_path"
