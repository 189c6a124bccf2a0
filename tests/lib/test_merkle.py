"""The tree against a naive one, the RFC's own numbers, and every proof against forgers."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.lib.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The leaves that implementations of RFC 6962 test each other with, and the roots over them.
KNOWN = [
    (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (bytes(range(0x50, 0x58)), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (bytes(range(0x60, 0x70)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]

logs = st.lists(st.binary(max_size=4).map(leaf_hash), min_size=1, max_size=70)
other_hash = sha256(b"something else").digest()


def naive_root(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def flip(value, bit):
    position, mask = divmod(bit, 8)
    return value[:position] + bytes([value[position] ^ (1 << mask)]) + value[position + 1 :]


def test_the_known_roots_come_out():
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for data, root in KNOWN:
        frontier.append(leaf_hash(data))
        assert frontier.root().hex() == root


def test_a_leaf_cannot_pass_for_an_inner_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(logs)
def test_the_root_is_the_naive_one(leaves):
    assert root_of(leaves) == naive_root(leaves)


@given(logs, st.data())
def test_a_frontier_put_away_goes_on_where_it_was(leaves, data):
    cut = data.draw(st.integers(0, len(leaves)))
    first = Frontier()
    first.extend(leaves[:cut])
    second = Frontier(first.size, first.nodes)
    second.extend(leaves[cut:])
    assert second.size == len(leaves)
    assert second.root() == naive_root(leaves)
    assert len(second.nodes) == len(leaves).bit_count()


@pytest.mark.parametrize(("size", "nodes"), [(-1, []), (1, []), (2, [b"x" * 32] * 2), (1, [b"x"])])
def test_a_frontier_that_fits_no_tree_is_refused(size, nodes):
    with pytest.raises(ValueError, match=r"A tree of|A hash of"):
        Frontier(size, nodes)


@given(logs, st.data())
def test_every_entry_is_proven_in(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(leaves, index)
    assert len(proof) <= (len(leaves) - 1).bit_length()
    assert verify_inclusion(leaves[index], index, len(leaves), proof, naive_root(leaves))


@given(logs, st.data())
def test_a_changed_proof_of_inclusion_proves_nothing(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), naive_root(leaves)
    bit = data.draw(st.integers(0, 255))
    assert not verify_inclusion(other_hash, index, len(leaves), proof, root)
    assert not verify_inclusion(leaves[index], index, len(leaves), proof, flip(root, bit))
    assert not verify_inclusion(leaves[index], index, len(leaves), [*proof, other_hash], root)
    for place in range(len(proof)):
        bent = [*proof[:place], flip(proof[place], bit), *proof[place + 1 :]]
        assert not verify_inclusion(leaves[index], index, len(leaves), bent, root)
        short = proof[:place] + proof[place + 1 :]
        assert not verify_inclusion(leaves[index], index, len(leaves), short, root)


@given(logs, st.data())
def test_every_beginning_is_proven_to_be_one(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, old)
    assert len(proof) <= (len(leaves) - 1).bit_length() + 1
    old_root, root = naive_root(leaves[:old]), naive_root(leaves)
    assert verify_consistency(old, old_root, len(leaves), root, proof)


@given(logs, st.data())
def test_a_changed_proof_of_consistency_proves_nothing(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, old)
    old_root, root = naive_root(leaves[:old]), naive_root(leaves)
    size, bit = len(leaves), data.draw(st.integers(0, 255))
    assert not verify_consistency(old, flip(old_root, bit), size, root, proof)
    assert not verify_consistency(old, old_root, size, flip(root, bit), proof)
    assert not verify_consistency(old, old_root, size, root, [*proof, other_hash])
    for place in range(len(proof)):
        bent = [*proof[:place], flip(proof[place], bit), *proof[place + 1 :]]
        assert not verify_consistency(old, old_root, size, root, bent)
        assert not verify_consistency(old, old_root, size, root, proof[:place])


@given(logs, st.data())
def test_a_log_with_another_beginning_is_not_consistent(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], other_hash, *leaves[changed + 1 :]]
    proof = consistency_proof(rewritten, old)
    old_root, root = naive_root(leaves[:old]), naive_root(rewritten)
    assert not verify_consistency(old, old_root, len(leaves), root, proof)


def test_the_empty_log_is_the_beginning_of_every_log():
    root = leaf_hash(b"a")
    assert verify_consistency(0, EMPTY_ROOT, 1, root, [])
    assert not verify_consistency(0, root, 1, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 1, root, [root])


def test_a_log_is_the_beginning_of_itself_without_proof():
    root = leaf_hash(b"a")
    assert verify_consistency(1, root, 1, root, [])
    assert not verify_consistency(1, root, 1, root, [root])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_a_place_outside_the_log_is_never_proven(index, size):
    assert not verify_inclusion(leaf_hash(b"a"), index, size, [], leaf_hash(b"a"))


@pytest.mark.parametrize(("old", "size"), [(-1, 1), (2, 1)])
def test_a_log_never_begins_with_a_longer_one(old, size):
    root = leaf_hash(b"a")
    assert not verify_consistency(old, root, size, root, [])


def test_an_empty_proof_shows_nothing_about_an_odd_beginning():
    leaves = [leaf_hash(bytes([n])) for n in range(5)]
    assert not verify_consistency(3, root_of(leaves[:3]), 5, root_of(leaves), [])


def test_there_is_no_proof_of_what_is_not_there():
    leaves = [leaf_hash(b"a")]
    with pytest.raises(ValueError, match="There is no leaf 1 among 1"):
        inclusion_proof(leaves, 1)
    with pytest.raises(ValueError, match="No tree of 0 leaves"):
        consistency_proof(leaves, 0)
