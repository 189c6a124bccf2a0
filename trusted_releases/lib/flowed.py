"""Text as mails carry it: lines of 72 columns that readers join again (RFC 3676, format=flowed)."""

COLUMNS = 72
SIGNATURE = "-- "  # what stands below it is a signature: it ends a text, and is no soft break


def flow(text: str, columns: int = COLUMNS) -> str:
    """The text in lines of at most `columns`, broken at spaces: a line that goes on ends in one.

    What cannot be broken, such as an address, stays whole. Quotes keep their lines. What readers
    see is the text as it was, but for spaces at the ends of lines.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\n".join(_flowed(line, columns)) for line in lines)


def unflow(text: str) -> str:
    """The text as a reader sees it: soft breaks joined, stuffed spaces taken away."""
    told: list[str] = []
    open_line = False
    for raw in text.split("\n"):
        is_quote = raw.startswith(">")
        line = raw.removeprefix(" ")
        soft = line.endswith(" ") and line != SIGNATURE and not is_quote
        if open_line and not is_quote and line != SIGNATURE:
            told[-1] += line
        else:
            told.append(line)
        open_line = soft
    return "\n".join(told)


def _flowed(line: str, columns: int) -> list[str]:
    if line == SIGNATURE:
        return [line]
    line = line.rstrip(" ")
    if line.startswith(">"):
        return [line]
    return [_stuffed(each) for each in _broken(line, columns - 1)]


def _broken(line: str, columns: int) -> list[str]:
    """The line in parts of at most `columns`, each but the last with the space it is broken at."""
    parts = []
    while len(line) > columns:
        end = line.rfind(" ", 1, columns)
        if end < 0 or not line[:end].strip():
            end = line.find(" ", columns)
        if end < 0 or not line[end:].strip():
            break
        end += len(line[end:]) - len(line[end:].lstrip(" "))  # all the spaces stay before it
        parts.append(line[:end])
        line = line[end:]
    return [*parts, line]


def _stuffed(line: str) -> str:
    """Servers and readers take these beginnings for something else: a space goes before them."""
    return f" {line}" if line.startswith((" ", ">", "From ")) or line == SIGNATURE else line
