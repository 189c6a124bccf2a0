"""Fuzzing of everything that reads what strangers upload. `make fuzz SECONDS=600` runs it.

`targets` says what is fed and what must hold; `one` feeds one target with bytes that libFuzzer
makes up, guided by what they reach; `__main__` shares the time among the targets. What was found
is kept in `found/`, and read again by `tests/test_fuzz.py` with every run of the tests.
"""
