"""A stand-in for Java with Apache RAT: it prints reports that RAT itself has written.

It finds out which release it is run on by the folder it finds, as RAT would see it.
"""

import json
import lzma
import sys
from pathlib import Path

SCRIPT = """#!{python}
import json, lzma, os, pathlib, sys, time
reports = json.loads({reports!r})
told = dict(words=sys.argv[1:], files=sorted(os.listdir(".")))
pathlib.Path({log!r}).write_text(json.dumps(told))
mode = {mode!r}
if mode == "hangs":
    time.sleep(60)
if mode == "fails":
    sys.exit("Exception in thread main: Out of memory")
target = sys.argv[sys.argv.index("--output-file") + 1]
name = sorted(os.listdir("."))[0]
report = lzma.decompress(pathlib.Path(reports[name]).read_bytes())
pathlib.Path(target).write_bytes(b"<html/>" if mode == "babbles" else report)
"""


def java(folder: Path, reports: dict[str, bytes], mode: str = "") -> tuple[Path, Path, Path]:
    """A program, a jar, and where the program writes how it was run. `reports` are by the name of
    the top folder."""
    kept = {}
    for name, report in reports.items():
        path = folder / f"{name}.xml.xz"
        path.write_bytes(lzma.compress(report))
        kept[name] = str(path)
    program, jar, log = folder / "java", folder / "apache-rat-0.18.jar", folder / "log.json"
    told = {"python": sys.executable, "reports": json.dumps(kept), "log": str(log), "mode": mode}
    program.write_text(SCRIPT.format(**told))
    program.chmod(0o755)
    jar.write_bytes(b"PK")
    return program, jar, log
