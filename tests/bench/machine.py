"""Where and with what was measured."""
import os
import platform
import re
import subprocess
import time


def _first(path, pattern):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if found := re.search(pattern, line):
                return found.group(1).strip()
    return "unknown"


def _said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def describe(bench, root):
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": _first("/proc/cpuinfo", r"model name\s*:\s*(.*)"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_first("/proc/meminfo", r"MemTotal:\s*(\d+)")) / 2**20, 1),
        "kernel": platform.release(),
        "system": _first("/etc/os-release", r'PRETTY_NAME="?([^"]*)'),
        "otlpipe": _said(bench.worker, "--version"),
        "commit": _said("git", "-C", root, "rev-parse", "--short=12", "HEAD"),
        "collector": _said(bench.collector, "--version"),
        "load_before": os.getloadavg()[0],
    }
