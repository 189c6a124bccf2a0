import hashlib

import pytest

from checks.engine.rat import texts

TEXTS = {
    "AL20": (48, "7b3706f9ec01ab09"),
    "AL20_ASF": (120, "3592aa2bffb42b94"),
    "BSD3": (1170, "efb4863361df74d3"),
    "CDDL1": (151, "a80b748626c0a2d6"),
    "ILLUMOS": (147, "0778f9e25a7d5d33"),
    "OASIS": (182, "32d1960cda02ec94"),
    "GPL1": (180, "0db9788dfe2b6716"),
    "GPL2": (192, "2472019a09d5b6b5"),
    "GPL3": (192, "a8bc920a4169cc35"),
    "MIT": (826, "81a61d35f6891e56"),
    "AL11": (33, "fe0266647f680711"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_texts_are_those_of_rat_to_the_letter(name):
    text = getattr(texts, name)
    assert (len(text), hashlib.sha256(text.encode()).hexdigest()[:16]) == TEXTS[name]


@pytest.mark.parametrize(
    "text",
    ["", "A b_c-1.\n", "Ünïcödé “quoted” — ½ naïve ſ", "".join(map(chr, range(32, 3000)))],
)
def test_pruning_keeps_letters_and_digits_of_any_script(text):
    kept = "".join(char for char in text if char.isalnum())
    assert texts.prune(text).lower() == kept.lower()
