"""Reads through a `kubectl proxy`: a look costs milliseconds instead of a program's start, so waits measure the system."""
import atexit
import json
import os
import re
import subprocess
import urllib.error
import urllib.request

# Where the kinds that scenarios read live.
CORE = "api/v1"
GROUPS = {
    "pods": CORE, "services": CORE, "configmaps": CORE, "serviceaccounts": CORE, "secrets": CORE,
    "deployments": "apis/apps/v1", "replicasets": "apis/apps/v1", "statefulsets": "apis/apps/v1", "daemonsets": "apis/apps/v1",
    "jobs": "apis/batch/v1",
    "horizontalpodautoscalers": "apis/autoscaling/v2",
    "poddisruptionbudgets": "apis/policy/v1",
    "endpointslices": "apis/discovery.k8s.io/v1",
    "leases": "apis/coordination.k8s.io/v1",
    "roles": "apis/rbac.authorization.k8s.io/v1", "rolebindings": "apis/rbac.authorization.k8s.io/v1",
    "otlppipelines": "apis/otlpipe.io/v1alpha1",
}

_address = None


def address():
    """Of the one proxy of this process; it ends with the process."""
    global _address
    if _address is None:
        proxy = subprocess.Popen([os.environ["KUBECTL"], "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
        atexit.register(proxy.kill)
        line = proxy.stdout.readline()
        port = re.search(r":(\d+)$", line.strip())
        if not port:
            raise RuntimeError(f"kubectl proxy said {line!r}")
        _address = f"http://127.0.0.1:{port.group(1)}/"
    return _address


def read(path):
    """The body; None when there is no such thing."""
    try:
        with urllib.request.urlopen(address() + path.lstrip("/"), timeout=20) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise RuntimeError(f"{path}: {error.code} {error.read().decode()[:300]}") from error


def objects(namespace, kind, name=None, selector=None):
    """One object, or the list of them; None when there is no such object."""
    path = f"{GROUPS[kind]}/namespaces/{namespace}/{kind}"
    if name:
        text = read(f"{path}/{name}")
        return json.loads(text) if text else None
    return json.loads(read(path + (f"?labelSelector={urllib.request.quote(selector)}" if selector else "")))["items"]
