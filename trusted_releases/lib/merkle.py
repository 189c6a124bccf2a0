"""The Merkle tree of RFC 6962 (Certificate Transparency), section 2.1, over leaf hashes.

A log of n entries has one root. A proof of about log2(n) hashes shows that an entry is in it
(inclusion), or that an earlier log is its beginning (consistency). Leaves and inner nodes are
hashed with different prefixes, so that one can never be passed off as the other. Proofs are
verified as RFC 9162, sections 2.1.3.2 and 2.1.4.2, say. All hashes are 32 raw bytes of SHA-256.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows at its right end, kept as the roots of its perfect subtrees.

    Their sizes are the powers of two in the binary form of `size`, largest first. That is all one
    needs to append and to compute the root, each in O(log n): no leaf is looked at again.
    """

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        """Raises ValueError when these nodes cannot be the frontier of a tree of that size."""
        self.size = size
        self.nodes = list(nodes)
        if size < 0 or len(self.nodes) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has not {len(self.nodes)} subtrees.")
        if any(len(node) != HASH_SIZE for node in self.nodes):
            raise ValueError(f"A hash of the tree is not {HASH_SIZE} bytes long.")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash: it closes as many subtrees as `size` has ones at its end."""
        closing = self.size
        while closing & 1:
            leaf = node_hash(self.nodes.pop(), leaf)
            closing >>= 1
        self.nodes.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves there are; of none, the hash of nothing."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root over all `leaves`, lowest first."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"There is no leaf {index} among {len(leaves)}.")
    proof = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if index < split:
            leaves, other = left, right
        else:
            leaves, other, index = right, left, index - split
        proof.append(root_of(other))
    return proof[::-1]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes that show: the tree over the first `old_size` leaves is this one's beginning."""
    if not 0 < old_size <= len(leaves):
        raise ValueError(f"No tree of {old_size} leaves precedes one of {len(leaves)}.")
    proof = []
    whole = True  # the old tree is a complete subtree of what is looked at: its root is known
    while old_size != len(leaves):
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if old_size <= split:
            leaves, other = left, right
        else:
            leaves, other, old_size, whole = right, left, old_size - split, False
        proof.append(root_of(other))
    if not whole:
        proof.append(root_of(leaves))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows that `leaf` is entry `index` of the log of `size` with this `root`."""
    if not 0 <= index < size:
        return False
    node, last = index, size - 1
    found = leaf
    for other in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(other, found)
            node, last = _up_to_right_child(node, last)
        else:
            found = node_hash(found, other)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the log of `old_size` with `old_root` is the beginning of this."""
    if not 0 <= old_size <= size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size == size:
        return not proof and old_root == root
    path = list(proof)
    if old_size.bit_count() == 1:
        path.insert(0, old_root)
    if not path:
        return False
    return _both_roots(old_size - 1, size - 1, path) == (old_root, root)


def _both_roots(node: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the older and the newer tree that the proof leads to; None if it leads astray.

    `node` is the older tree's last leaf, `last` the newer one's.
    """
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = root = path[0]
    for other in path[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_root, root = node_hash(other, old_root), node_hash(other, root)
            node, last = _up_to_right_child(node, last)
        else:
            root = node_hash(root, other)
        node, last = node >> 1, last >> 1
    return (old_root, root) if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two below `size`: where a tree of that size parts."""
    return 1 << (size - 1).bit_length() - 1


def _up_to_right_child(node: int, last: int) -> tuple[int, int]:
    """Skip the levels on which this node has no sibling, because the tree ends with it."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last
