"""The tax on a price."""


def vat(cents: int) -> int:
    return cents * 19 // 100
