#!/usr/bin/env python3
"""Compares proto/opentelemetry and proto/google/rpc with the official descriptors.

Scenario: each message that we declare. Guarantees: every field has the official number, type, label and oneof, no
official field is missing, every enum value has its number, and every service its calls. What a message of ours leaves
out on purpose is listed here.
Usage: descriptors_test.py DESCRIPTOR_SET (protoc --include_imports over our files)
"""
import fcntl
import hashlib
import importlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
# Fields of google.rpc that no OTLP peer looks at.
LEFT_OUT = {
    "google.rpc.BadRequest.FieldViolation": {"reason", "localized_message"},
}


def environment():
    """The interpreter of a virtual environment with the requirements; made once for each state of them."""
    base = Path(os.environ.get("OTLPIPE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "otlpipe")
    folder = base / "venv" / ("otlp-" + hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / (folder.name + ".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            venv.create(folder, with_pip=True, clear=True)
            pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]
            subprocess.run(pip, check=True)
            (folder / "complete").touch()
    return folder / "bin" / "python"


def field_facts(field):
    oneof = field.containing_oneof
    kind = field.message_type or field.enum_type
    return {
        "number": field.number,
        "type": field.type,
        "names": kind.full_name if kind else "",
        "repeated": field.is_repeated,
        "oneof": oneof.name if oneof else "",
    }


def compare_message(ours, official, problems):
    left_out = LEFT_OUT.get(ours.full_name, set())
    ours_fields = {f.name: field_facts(f) for f in ours.fields}
    official_fields = {f.name: field_facts(f) for f in official.fields if f.name not in left_out}
    for name in sorted(ours_fields.keys() | official_fields.keys()):
        if ours_fields.get(name) != official_fields.get(name):
            problems.append(f"{ours.full_name}.{name}: {ours_fields.get(name)}, official: {official_fields.get(name)}")
    for nested in ours.nested_types:
        compare_message(nested, official.nested_types_by_name[nested.name], problems)
    for enum in ours.enum_types:
        compare_enum(enum, official.enum_types_by_name[enum.name], problems)
    return 1


def compare_enum(ours, official, problems):
    if {v.name: v.number for v in ours.values} != {v.name: v.number for v in official.values}:
        problems.append(f"{ours.full_name}: other values than the official ones")


def compare_file(ours, official, problems):
    compared = 0
    for name, message in ours.message_types_by_name.items():
        compared += compare_message(message, official.message_types_by_name[name], problems)
    for name, enum in ours.enum_types_by_name.items():
        compare_enum(enum, official.enum_types_by_name[name], problems)
    for name, service in ours.services_by_name.items():
        calls = {m.name: (m.input_type.full_name, m.output_type.full_name) for m in service.methods}
        theirs = {m.name: (m.input_type.full_name, m.output_type.full_name) for m in official.services_by_name[name].methods}
        if calls != theirs:
            problems.append(f"{service.full_name}: {calls}, official: {theirs}")
    return compared


def main(path):
    from google.protobuf import descriptor_pb2, descriptor_pool

    files = descriptor_pb2.FileDescriptorSet.FromString(Path(path).read_bytes()).file
    pool = descriptor_pool.DescriptorPool()
    problems, compared = [], 0
    for file in files:
        pool.Add(file)
    for file in files:
        if file.name.startswith("google/protobuf/"):
            continue
        module = importlib.import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
        compared += compare_file(pool.FindFileByName(file.name), module.DESCRIPTOR, problems)
    if compared < 35:
        problems.append(f"only {compared} messages compared; there should be more")
    print("\n".join(problems) or f"{compared} messages are as the specification has them")
    return 1 if problems else 0


if __name__ == "__main__":
    if "--inside" in sys.argv:
        sys.exit(main(sys.argv[1]))
    sys.exit(subprocess.run([environment(), __file__, sys.argv[1], "--inside"], check=False).returncode)
