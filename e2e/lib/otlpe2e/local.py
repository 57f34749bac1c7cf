"""Processes on this machine, for scenarios without a cluster."""
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def virtual_environment(requirements):
    """The Python of an environment with these packages, kept in the cache folder under the key of the list."""
    with open(requirements, "rb") as file:
        key = hashlib.sha256(file.read() + sys.version.encode()).hexdigest()[:12]
    folder = os.path.join(os.environ["OTLPIPE_CACHE"], f"venv-{key}")
    python = os.path.join(folder, "bin", "python3")
    if not os.path.exists(os.path.join(folder, "complete")):
        print("     making a Python environment with the OpenTelemetry SDK", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True, timeout=300)
        with open(os.path.join(folder, "complete"), "w", encoding="utf-8"):
            pass
    return python


class Process:
    """A program that runs beside the scenario; ends with the block, its output kept."""

    def __init__(self, command):
        self.command = command
        self.log = tempfile.NamedTemporaryFile("w+", encoding="utf-8", errors="replace")
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def output(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def tail(self):
        return self.output()[-1500:]

    def says(self, words, seconds):
        """Whether the words come up in its output in time, before it ends."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if words in self.output():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds):
        """Its exit code, or None when it does not end in time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
