#!/usr/bin/env python3
"""clang-tidy over every source file, two units at a time, skipping what was clean before.

A unit is several sources of one target (CMake's unity build): most of the time goes into the headers that they share. Its key
is the hash of its preprocessed text and .clang-tidy; clean keys are kept in the cache folder, so a second run costs one
preprocessor pass a unit. Prints one line a finding, and "N passed, N failed" at the end.
"""
import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "tidy"
CACHE = Path(os.environ.get("OTLPIPE_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "otlpipe") / "tidy"


def configure():
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cmake", "--preset", "tidy"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    # Headers that the build generates must exist before anything that includes them is read.
    subprocess.run(["cmake", "--build", str(BUILD), "--target", "generated_headers"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    return [c for c in commands if Path(c["file"]).parent.name == "Unity" or not Path(c["file"]).is_relative_to(BUILD)]


def sources_of(command):
    """The files of the tree that a command compiles, relative to it."""
    file = Path(command["file"])
    if file.parent.name != "Unity":
        return [os.path.relpath(file, ROOT)]
    return [os.path.relpath(source, ROOT) for source in re.findall(r'^#include "(.*)"$', file.read_text(), re.MULTILINE)]


def key_of(command, config):
    arguments = shlex.split(command["command"])
    if "--" in arguments:
        arguments = arguments[arguments.index("--") + 1:]
    # The launcher (cmake -E env … ccache) stands before the compiler.
    start = next(i for i, a in enumerate(arguments) if Path(a).name.startswith("clang"))
    arguments = arguments[start:]
    out = arguments.index("-o")
    arguments = arguments[:out] + arguments[out + 2:]
    preprocessed = subprocess.run([a for a in arguments if a != "-c"] + ["-E", "-P"], cwd=command["directory"],
                                  capture_output=True, check=False)
    if preprocessed.returncode != 0:
        return None
    return hashlib.sha256(preprocessed.stdout + config).hexdigest()


def check(command, config):
    name = " ".join(sources_of(command))
    key = key_of(command, config)
    mark = CACHE / key if key else None
    if mark and mark.exists():
        return name, True, ""
    result = subprocess.run(["clang-tidy-19", "-quiet", "-p", str(BUILD), command["file"]], cwd=ROOT,
                            capture_output=True, text=True, check=False)
    if result.returncode == 0 and mark:
        mark.touch()
    return name, result.returncode == 0, result.stdout + (result.stderr if result.returncode != 0 else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", help="only files under these folders (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at once")
    args = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    commands = configure()
    if args.paths:
        roots = [(ROOT / p).resolve() for p in args.paths]
        commands = [c for c in commands
                    if any((ROOT / s).is_relative_to(r) for s in sources_of(c) for r in roots)]
    config = (ROOT / ".clang-tidy").read_bytes()
    failed = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for done, (name, ok, text) in enumerate(pool.map(lambda c: check(c, config), commands), 1):
            if not ok:
                failed += 1
                print(f"FAIL {name}\n{text}", flush=True)
            elif done % 10 == 0:
                print(f"tidy: {done} of {len(commands)} units", flush=True)
    print(f"tidy: {len(commands) - failed} passed, {failed} failed")
    return 1 if failed or not commands else 0


if __name__ == "__main__":
    sys.exit(main())
