"""Benchmarks: `make bench`. Each is a module with `measures()`, named in `catalogue.py`."""
