"""The images of the parts around otlpipe; run.sh says what they are called in the cluster at hand."""
import os


def part(name):
    return os.environ[f"E2E_IMAGE_{name.upper()}"]
