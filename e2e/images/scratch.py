"""Writes an image that holds nothing but one static binary, as an archive that `ctr images import` takes.

usage: scratch.py ARCHIVE IMAGE BINARY
The same input gives the same bytes: no clock, no owner of this machine.
"""
import hashlib
import io
import json
import os
import sys
import tarfile

NONROOT = 65532


def add(tar, name, data=b"", mode=0o644, kind=tarfile.REGTYPE):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size = kind, mode, len(data)
    tar.addfile(entry, io.BytesIO(data))


def layer(binary):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        add(tar, "etc", mode=0o755, kind=tarfile.DIRTYPE)
        add(tar, "etc/passwd", f"root:x:0:0::/:\nnonroot:x:{NONROOT}:{NONROOT}::/:\n".encode())
        add(tar, "tmp", mode=0o1777, kind=tarfile.DIRTYPE)
        with open(binary, "rb") as file:
            add(tar, os.path.basename(binary), file.read(), mode=0o755)
    return out.getvalue()


def main():
    archive, image, binary = sys.argv[1:]
    content = layer(binary)
    digest = hashlib.sha256(content).hexdigest()
    config = json.dumps({
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/" + os.path.basename(binary)], "User": f"{NONROOT}:{NONROOT}"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
        "history": [{"created_by": "e2e/images/scratch.py"}],
    }).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = [{"Config": name, "RepoTags": [image], "Layers": [digest + ".tar"]}]
    with tarfile.open(archive, "w") as tar:
        add(tar, name, config)
        add(tar, digest + ".tar", content)
        add(tar, "manifest.json", json.dumps(manifest).encode())


main()
