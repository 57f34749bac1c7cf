"""OtlpPipelines of the scenarios and what their status says."""

NAME = "gateway"


def gateway(endpoint, replicas=2, **spec):
    """A pipeline like docs/examples/gateway.yaml; further fields of the spec may be given."""
    return {
        "apiVersion": "otlpipe.io/v1alpha1", "kind": "OtlpPipeline", "metadata": {"name": NAME},
        "spec": {
            "mode": "Deployment",
            "replicas": replicas,
            "receivers": [{"name": "otlp", "otlp": {"grpc": {"port": 4317}, "http": {"port": 4318}}}],
            "processors": [{"name": "batch", "batch": {"maxItems": 512, "timeout": "100ms"}}],
            "exporters": [{"name": "backend", "otlpGrpc": {"endpoint": endpoint, "tls": {"insecure": True}}}],
            "pipelines": [{"name": "all", "receivers": ["otlp"], "processors": ["batch"], "exporters": ["backend"]}],
            **spec,
        },
    }


class Pipeline:
    def __init__(self, kubectl, name=NAME):
        self.kubectl = kubectl
        self.name = name

    def object(self):
        return self.kubectl.get("otlppipelines", self.name)

    def status(self):
        return (self.object() or {}).get("status", {})

    def condition(self, kind):
        """The condition of that type when it speaks of the newest spec, else an empty one."""
        found = self.object() or {}
        for condition in found.get("status", {}).get("conditions", []):
            if condition["type"] == kind and condition.get("observedGeneration") == found["metadata"]["generation"]:
                return condition
        return {}

    def holds(self, kind):
        return self.condition(kind).get("status") == "True"

    def applied_everywhere(self, replicas):
        """Whether all workers run the configuration of the newest spec."""
        found = self.object()
        status = found.get("status", {})
        return (status.get("observedGeneration") == found["metadata"]["generation"]
                and status.get("workers", {}).get("applied") == replicas)

    def pods(self):
        return self.kubectl.pods(f"app.kubernetes.io/instance={self.name}")

    def incarnations(self):
        """What changes when a worker is replaced or restarted."""
        return sorted((pod["metadata"]["uid"], *(container["restartCount"] for container in pod["status"]["containerStatuses"]))
                      for pod in self.pods())
