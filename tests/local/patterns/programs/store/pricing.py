"""What the state takes."""


def vat(cents: int) -> int:
    return cents * 19 // 100
