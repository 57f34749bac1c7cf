"""Runs scenarios, each in a namespace of its own, and prints one line a check and the total.

usage: run_scenarios.py NAME…   run.sh prepares the cluster, the operator and the environment.
"""
import importlib.util
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from otlpe2e.checks import Checks, Stop  # noqa: E402
from otlpe2e.dump import OPERATOR, dump  # noqa: E402
from otlpe2e.kubectl import Kubectl  # noqa: E402

SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios")


class Scenario:
    """What a scenario is given: checks, kubectl for its namespace and for the operator's."""

    def __init__(self, name):
        self.name = name
        self.checks = Checks(name)
        self.root = os.environ["OTLPIPE_ROOT"]
        self.needs_cluster = False
        self.kubectl = self.operator = None

    def use_cluster(self):
        self.needs_cluster = True
        self.kubectl = Kubectl(f"e2e-{self.name}-{int(time.time()) % 100000}")
        self.operator = Kubectl(OPERATOR)
        self.kubectl.create_namespace()


def load(name):
    spec = importlib.util.spec_from_file_location(f"scenario_{name}", os.path.join(SCENARIOS, name, "scenario.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name):
    print(f"--- {name}", flush=True)
    begin = time.monotonic()
    scenario = Scenario(name)
    try:
        module = load(name)
        if getattr(module, "NEEDS_CLUSTER", True):
            scenario.use_cluster()
        module.run(scenario)
    except Stop:
        pass
    except Exception as error:
        scenario.checks.broke(error)
    if scenario.needs_cluster:
        if scenario.checks.failed:
            folder = os.path.join(scenario.root, "build", "e2e", name)
            dump(scenario.kubectl, scenario.operator, folder)
            print(f"     {name}: what there was to see is in {folder}", flush=True)
        clear_away(scenario)
    print(f"--- {name}: {scenario.checks.passed} passed, {scenario.checks.failed} failed, {time.monotonic() - begin:.0f} s", flush=True)
    return scenario.checks


def clear_away(scenario):
    """The next scenario is to have the machine to itself."""
    try:
        scenario.kubectl.run("delete", "otlppipelines,deployments,jobs", "--all", "--timeout=60s", timeout=70)
        scenario.kubectl.delete_namespace()
    except Exception as error:
        print(f"     {scenario.name}: its namespace could not be cleared: {error}", flush=True)


def main():
    results = [run(name) for name in sys.argv[1:]]
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    print(f"e2e: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main())
