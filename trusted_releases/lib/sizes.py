"""Numbers of bytes, for people."""


def size_in_words(size: int) -> str:
    """`1.9 GB`, as people say it; small ones exactly."""
    amount = float(size)
    for unit in ("bytes", "KB", "MB"):
        if amount < 1024:
            return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"
