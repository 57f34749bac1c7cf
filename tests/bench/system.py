"""Programs under measurement as processes: start, pin, read their processor time and memory, stop. Everything on 127.0.0.1."""
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class _Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def cpu_seconds(pid):
    """The processor time of all threads of a process, user and system, to the nanosecond."""
    clock, now = ctypes.c_int(), _Timespec()
    if _libc.clock_getcpuclockid(pid, ctypes.byref(clock)) or _libc.clock_gettime(clock, ctypes.byref(now)):
        raise RuntimeError(f"no processor clock of process {pid}")
    return now.seconds + now.nanoseconds * 1e-9


def memory_bytes(pid, what="VmHWM"):
    """VmHWM: the most resident memory since the start (or forget_peak); VmRSS: now."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no {what}")


def forget_peak(pid):
    """From now on VmHWM is the most since now. See proc(5), clear_refs."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program that ends with this one, whatever happens. `cores`: where it may run; None: anywhere."""

    def __init__(self, name, command, cores=None, environment=None, log=None):
        self.name = name
        parent = os.getpid()

        def prepare():
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            if cores is not None:
                os.sched_setaffinity(0, cores)

        self._log = open(log, "wb") if log else None
        self.log_path = log
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, preexec_fn=prepare,
            env={**os.environ, **(environment or {})})
        self.pid = self._process.pid
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def send(self, line):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def read_json(self, seconds):
        """The next line of output that is a JSON object; None at the end of the output."""
        end = time.monotonic() + seconds
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                if line.startswith(b"{"):
                    return json.loads(line)
                continue
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise RuntimeError(f"{self.name} said nothing for {seconds:.0f} s{self.complaint()}")
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                return None
            self._buffer += chunk

    def exit_code(self, seconds=10):
        return self._process.wait(seconds)

    def alive(self):
        return self._process.poll() is None

    def complaint(self):
        if not self.log_path:
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return "; its log ends with: " + log.read()[-1500:]

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def wait_for_port(self, port, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.alive():
                raise RuntimeError(f"{self.name} ended by itself{self.complaint()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.name} does not listen on port {port}{self.complaint()}")


class Sink(Process):
    """The counting backend. Its totals are those since its start."""

    def __init__(self, binary, cores=None, options=()):
        super().__init__("sink", [binary, *options], cores)
        self.port = self.read_json(10)["port"]

    def report(self):
        self.send("report")
        return self.read_json(20)

    def records(self):
        report = self.report()
        if report["bad"]:
            raise RuntimeError(f"the sink received {report['bad']} requests that it cannot count")
        return report["traces"] + report["metrics"] + report["logs"]


class Blast(Process):
    """The load generator; `options` are its flags as a dictionary."""

    def __init__(self, binary, port, options, cores=None, log=None):
        flags = [f"--{name}={value}" for name, value in options.items()]
        super().__init__("blast", [binary, f"--target=127.0.0.1:{port}", *flags], cores, log=log)

    def event(self, name, seconds):
        said = self.read_json(seconds)
        if said is None or said.get("event") != name:
            raise RuntimeError(f"the generator said {said} instead of \"{name}\"{self.complaint()}")

    def result(self, seconds):
        said = self.read_json(seconds)
        if said is None:
            raise RuntimeError(f"the generator failed{self.complaint()}")
        said["exit_code"] = self.exit_code()
        return said
