"""What lies on the shelf."""


def count() -> int:
    return 7
