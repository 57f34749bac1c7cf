#!/usr/bin/env python3
"""Checks the layering of ARCHITECTURE.md over the #include lines of the tree.

Scenario: every C++ file that git knows. Guarantee: no folder includes what its layer must not know, and each
third-party library is included only behind its door.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')

# Which first folders a folder may include; the most specific rule that matches a file's path counts.
LAYERS = {
    "common": {"common"},
    "proto": {"proto", "common"},
    "operator": {"operator", "proto", "common"},
    "worker": {"worker", "proto", "common"},
    "cli": {"cli", "proto", "common"},
    # Inside the operator each folder is ignorant of the next one: kube <- runtime <- controller <- app.
    "operator/kube": {"operator/kube", "common"},
    "operator/runtime": {"operator/runtime", "operator/kube", "common"},
    "operator/api": {"operator/api", "operator/kube/object.h", "proto", "common"},
    "operator/render": {"operator/render", "operator/api", "operator/kube", "proto", "common"},
    "operator/control": {"operator/control", "operator/render", "operator/api", "operator/runtime", "operator/kube", "proto",
                         "common"},
    # Inside the worker: bytes and graph know no network, components do not know one another.
    "worker/compression": {"worker/compression", "common"},
    "worker/transport": {"worker/transport", "worker/compression", "common"},
    "worker/data": {"worker/data", "worker/compression/compression.h", "common"},
}
COMPONENT_KINDS = ("worker/receivers", "worker/processors", "worker/exporters")

# Library -> (pattern of its headers, folders that are its door).
DOORS = {
    "cpprestsdk": (re.compile(r"^(cpprest|pplx)/"), ("operator/kube", "tests")),
    "gRPC": (re.compile(r"^(grpc|grpcpp)/|\.grpc\.pb\.h$"), ("operator/control", "worker/control", "tests")),
    "nghttp2": (re.compile(r"^nghttp2/"), ("worker/transport", "tests")),
    "Boost.Asio and Beast": (re.compile(r"^boost/"), ("worker/transport", "common/http", "operator/kube", "tests")),
    "yaml-cpp": (re.compile(r"^yaml-cpp/"), ("common/doc",)),
    "OpenSSL": (re.compile(r"^openssl/"), ("common/tls", "operator/kube", "tests")),
    "prometheus-cpp": (re.compile(r"^prometheus/"), ("operator/telemetry", "worker/telemetry", "tests")),
    "CLI11": (re.compile(r"^CLI/"), ("cli", "operator/app", "worker/app", "proto/gen", "tests/bench")),
    "mimalloc": (re.compile(r"^mimalloc"), ("worker/app",)),
    "compression libraries": (
        re.compile(r"^(zlib\.h|zstd(_errors)?\.h|brotli/|libdeflate\.h|isa-l|igzip_lib\.h)"),
        ("worker/compression", "tests"),
    ),
}
OURS = ("common/", "proto/", "operator/", "worker/", "cli/", "tests/")


def tracked_sources():
    out = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
        capture_output=True, text=True, check=True,
    ).stdout
    return [line for line in out.splitlines() if (ROOT / line).exists()]


def under(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def allowed_for(path):
    best = max((rule for rule in LAYERS if under(path, rule)), key=len, default=None)
    return None if best is None else LAYERS[best]


def generated(target):
    """Headers that the build makes from proto/ are included without the folder's name."""
    return target.endswith(".pb.h")


def component(path):
    for kind in COMPONENT_KINDS:
        if under(path, kind):
            parts = path.split("/")
            return "/".join(parts[:3]) if len(parts) > 3 else kind
    return None


def problems_of(path, includes):
    allowed = allowed_for(path)
    for number, target in includes:
        where = f"{path}:{number}"
        if target.startswith(OURS) and not generated(target):
            if allowed is not None and not any(under(target, folder) for folder in allowed):
                yield f"{where}: must not include {target}; allowed are {', '.join(sorted(allowed))}"
            mine, theirs = component(path), component(target)
            if mine and theirs and theirs not in COMPONENT_KINDS and mine != theirs:
                yield f"{where}: a component must not include another one ({target})"
        if path.startswith(("common/",)) and generated(target):
            yield f"{where}: common must not know the schema ({target})"
        for library, (pattern, doors) in DOORS.items():
            if pattern.search(target) and not any(under(path, door) for door in doors):
                yield f"{where}: {library} is used only in {', '.join(doors)} (includes {target})"


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def self_check():
    """The rules themselves must be able to fail."""
    bad = {
        "common/base/x.h": "operator/kube/client.h",
        "worker/data/x.cc": "worker/transport/asio_loop.h",
        "operator/kube/x.cc": "operator/runtime/cache.h",
        "worker/exporters/debug/x.cc": "worker/exporters/file/y.h",
        "cli/x.cc": "yaml-cpp/yaml.h",
        "common/doc/x.cc": "otlpipe/v1alpha1/pipeline.pb.h",
    }
    return [f"self-check: {p} including {t} was not refused" for p, t in bad.items() if not list(problems_of(p, [(1, t)]))]


def main():
    problems = self_check()
    files = tracked_sources()
    if not files:
        problems.append("no C++ file found")
    for path in files:
        problems += problems_of(path, includes_of((ROOT / path).read_text()))
    print("\n".join(problems) or f"{len(files)} files keep the layering")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
