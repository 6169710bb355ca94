"""Marks of Pulumi's engine for values that it hides or does not know (`sdk/go/common/resource/properties.go`).

Pulumi's SDK for Python has no public names for them.
"""

from __future__ import annotations

from typing import Final

# The key of an object that stands for a value of another kind, and the kind of a secret. States and messages have it.
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"
# A secret value in the engine's events. Two of them are not equal values.
SECRET: Final = "[secret]"
# A value that is known after the update only.
UNKNOWN: Final = "[unknown]"
