"""Names of people, committees, projects and versions: enough of them, and no two alike."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Ada Akira Alan Aliya Amara Anders Anika Anton Aoife Arjun Astrid Bea Bilal Bruno Camille "
    "Carlos Chiara Chloe Cyrus Dalia Daniel Devi Dmitri Edith Elias Elif Emeka Esther Fatima "
    "Felix Freya Gita Goran Grace Hana Hector Hiro Ines Ingrid Isaac Ivy Jamal Jana Joao Jonas "
    "Kaja Karim Keiko Lars Layla Leo Lin Luca Mads Maya Mei Milan Nadia Niko Noor Omar Petra "
    "Priya Quentin Rosa Samir Sofia Tariq Uma Yuki"
)
_LAST = _words(
    "Abe Adler Almeida Andersen Arora Baker Bauer Becker Bianchi Brandt Castro Chen Cohen Costa "
    "Dahl Diaz Dorn Eliot Ferrari Fischer Fox Garcia Gupta Haas Hansen Hill Horvat Ito Ivanov "
    "Jansen Jones Kaya Keller Khan Kim Kowalski Kumar Lang Lee Lopez Maas Marin Meyer Mori Nagy "
    "Nielsen Novak Okafor Olsen Park Patel Petrov Quinn Rao Reid Rossi Sato Silva Singh Smit Sousa "
    "Stein Suzuki Tanaka Torres Vega Vogel Wang Weber Wolf Zhang"
)
_KINDS = _words(
    "Amber Basalt Birch Brass Cedar Chalk Cobalt Copper Coral Cork Crystal Delta Ember Fern Flint "
    "Frost Garnet Glacier Granite Harbor Hazel Heron Indigo Iron Ivory Jade Juniper Kestrel Lark "
    "Linden Lunar Maple Marble Meadow Moss Nickel Opal Osprey Pine Quartz Raven River Sable Slate"
)
_THINGS = _words(
    "Anvil Beam Bridge Cache Canvas Chain Compass Crate Deck Drift Engine Field Flow Forge Gate "
    "Graph Grid Hive Index Kit Lake Lens Loom Mesh Mill Orbit Path Pipe Press Query Rail Relay "
    "Scale Shell Spark Stack Store Stream Swarm Table Tower Vault Wave Yard"
)
LARGE = "Behemoth"  # the committee, and the project, that has the most of everything
PARTS = (
    "Java",
    "Python",
    "Go",
    "Rust",
    "Connectors",
    "Operator",
    "Tools",
    "Clients",
    "Site",
    "C++",
)


def person(number: int) -> str:
    """The full name of the person with this number, from 0."""
    first, turn = number % len(_FIRST), number // len(_FIRST)
    again = f" {turn // len(_LAST) + 1}" if turn >= len(_LAST) else ""
    return f"{_FIRST[first]} {_LAST[(first + turn) % len(_LAST)]}{again}"


def committee(number: int) -> str:
    """The name of the committee with this number, from 0."""
    kind, turn = number % len(_KINDS), number // len(_KINDS)
    again = f" {turn // len(_THINGS) + 1}" if turn >= len(_THINGS) else ""
    return f"{_KINDS[kind]} {_THINGS[(kind * 7 + turn) % len(_THINGS)]}{again}"


def slug(name: str) -> str:
    """The name as addresses have it."""
    return name.lower().replace("+", "p").replace(" ", "-")


def account(name: str) -> str:
    return name.lower().replace(" ", "")


def versions(dice: Random, count: int, suffix: str = "") -> list[str]:
    """So many versions of one project, in the order in which they come."""
    major, minor, patch = dice.choice([(0, 1, 0), (0, 9, 0), (1, 0, 0)])
    found = []
    for _ in range(count):
        found.append(f"{major}.{minor}.{patch}{suffix}")
        step = dice.random()
        if step < 0.55:
            patch += 1
        elif step < 0.92:
            minor, patch = minor + 1, 0
        else:
            major, minor, patch = major + 1, 0, 0
    return found
