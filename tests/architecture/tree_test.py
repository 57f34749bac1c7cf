#!/usr/bin/env python3
"""Checks what holds for the tree as a whole.

Guarantees: no hand-written source file is longer than 500 lines; every folder with C++ sources or components opens with a README;
every relative link of a Markdown file leads somewhere.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 500
SOURCES = (".h", ".cc", ".py", ".sh", ".proto")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def tracked():
    out = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in out.splitlines() if (ROOT / line).is_file()]


def main():
    files = tracked()
    problems = []
    for path in files:
        if path.suffix in SOURCES:
            lines = len((ROOT / path).read_text().splitlines())
            if lines > LIMIT:
                problems.append(f"{path}: {lines} lines; {LIMIT} at most")
        if path.suffix == ".md":
            for target in LINK.findall((ROOT / path).read_text()):
                if "://" not in target and not target.startswith("mailto:") and not (ROOT / path.parent / target).exists():
                    problems.append(f"{path}: broken link {target}")
    folders = {p.parent for p in files if p.suffix in (".h", ".cc") and p.parts[0] != "tests"}
    for folder in sorted(folders):
        if not (ROOT / folder / "README.md").exists():
            problems.append(f"{folder}: no README.md")
    print("\n".join(problems) or f"{len(files)} files in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
