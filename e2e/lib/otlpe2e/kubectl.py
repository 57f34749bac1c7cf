"""kubectl for one namespace, with values instead of text."""
import json
import os
import subprocess

from . import api


class KubectlError(Exception):
    """kubectl refused; the text is what it wrote to standard error."""


class Kubectl:
    def __init__(self, namespace):
        self.namespace = namespace
        self.program = os.environ["KUBECTL"]

    def run(self, *arguments, stdin=None, timeout=60):
        done = subprocess.run([self.program, "-n", self.namespace, *arguments], input=stdin, text=True,
                              capture_output=True, timeout=timeout)
        if done.returncode != 0:
            raise KubectlError(done.stderr.strip())
        return done.stdout

    def get(self, kind, name=None, selector=None):
        """One object, or the list of them; None when there is no such object. The kind in full, in the plural."""
        return api.objects(self.namespace, kind, name, selector)

    def apply(self, objects):
        """Server-side; takes one object, a list, or YAML text."""
        if isinstance(objects, list):
            objects = {"apiVersion": "v1", "kind": "List", "items": objects}
        text = objects if isinstance(objects, str) else json.dumps(objects)
        return self.run("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)

    def create_namespace(self):
        self.run("apply", "-f", "-", stdin=json.dumps(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {
                "name": self.namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}))

    def delete(self, kind, name, timeout=60):
        self.run("delete", kind, name, "--ignore-not-found", f"--timeout={timeout}s", timeout=timeout + 10)

    def delete_namespace(self):
        self.run("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")

    def patch(self, kind, name, patch):
        return self.run("patch", kind, name, "--type=merge", "-p", json.dumps(patch))

    def patch_json(self, kind, name, operations):
        return self.run("patch", kind, name, "--type=json", "-p", json.dumps(operations))

    def pods(self, selector):
        """The pods that are not being deleted."""
        return [pod for pod in self.get("pods", selector=selector) if "deletionTimestamp" not in pod["metadata"]]

    def logs(self, pod, *arguments):
        return self.run("logs", pod, "--tail=-1", *arguments)
