"""Checks: one printed line each, counted, and none of them stops the scenario unless what follows needs it."""
import time
import traceback


class Stop(Exception):
    """What follows makes no sense after a failed check."""


class Checks:
    def __init__(self, scenario):
        self.scenario = scenario
        self.passed = 0
        self.failed = 0

    def record(self, good, what, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
        line = f"{'ok  ' if good else 'FAIL'} {self.scenario}: {what}"
        print(line + (f" ({detail})" if detail else ""), flush=True)
        return good

    def equal(self, what, got, wanted):
        return self.record(got == wanted, what, "" if got == wanted else f"got {got!r}, wanted {wanted!r}")

    def within(self, seconds, what, probe):
        """Passes once probe() gives something true; its value is returned. The last value or error is the detail."""
        begin = time.monotonic()
        last = None
        while True:
            try:
                last = probe()
                if last:
                    self.record(True, what, f"{time.monotonic() - begin:.1f} s")
                    return last
            except Exception as error:  # the probed thing may not be there yet
                last = error
            elapsed = time.monotonic() - begin
            if elapsed > seconds:
                self.record(False, what, f"not within {seconds} s; last: {last!r}"[:600])
                return None
            # Each look costs a kubectl on a small machine.
            time.sleep(0.1 if elapsed < 3 else 0.5)

    def must(self, value):
        """Ends the scenario when what it needs is missing."""
        if not value:
            raise Stop()
        return value

    def broke(self, error):
        self.record(False, "runs to its end", f"{type(error).__name__}: {error}"[:600])
        traceback.print_exception(error)
