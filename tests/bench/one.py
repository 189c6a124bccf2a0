"""One benchmark in this process, on the database of the environment; prints lines of JSON."""

import json
import sys
from importlib import import_module

import django
from django.core.management import call_command

from tests.bench.catalogue import BENCHMARKS, ONCE

if __name__ == "__main__":
    name, database = sys.argv[1:]
    django.setup()
    call_command("migrate", verbosity=0)
    for measure in import_module(BENCHMARKS[name][0]).measures():
        suffix = "" if measure.name.startswith(ONCE) else f".{database}"
        named = measure._replace(name=f"{name}.{measure.name}{suffix}")
        print(json.dumps(named._asdict()), flush=True)
