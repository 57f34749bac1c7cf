"""telemetrygen in Jobs: a bounded, known number of records through a Service."""
from . import images
from .collector import RESTRICTED

WORKERS = 5


class Traffic:
    def __init__(self, kubectl, target, name="telemetrygen"):
        """target: the host name of the Service."""
        self.kubectl = kubectl
        self.target = target
        self.name = name
        self.sent = {"traces": 0, "metrics": 0, "logs": 0}

    def start(self, signal, records, pods=2, seconds=0, http=False, timeout=30):
        """Sends records of the signal, as fast as it goes or spread over about so many seconds."""
        protocol = "http" if http else "grpc"
        each = records // pods // WORKERS
        if signal == "traces":
            each //= 2  # a trace is a root and a child
        made = each * pods * WORKERS * (2 if signal == "traces" else 1)
        if made != records:
            raise ValueError(f"{records} {signal} cannot be split over {pods} pods")
        # The rate is that of one worker, and every span counts.
        rate = records / pods / WORKERS / seconds if seconds else 0
        arguments = [signal, f"--otlp-endpoint={self.target}:{4318 if http else 4317}", "--otlp-insecure",
                     f"--workers={WORKERS}", f"--{signal}={each}", f"--rate={rate:g}",
                     f"--timeout={timeout}s"]
        if http:
            arguments.append("--otlp-http")
        if seconds:
            arguments.append("--batch-size=10")  # requests all along rather than a few large ones
        container = {
            "name": "telemetrygen", "image": images.part("telemetrygen"), "imagePullPolicy": "IfNotPresent",
            "args": arguments, "securityContext": RESTRICTED,
            # Its processor of spans drops what does not fit into the queue, so the queue is made to hold all.
            "env": [{"name": "OTEL_BSP_MAX_QUEUE_SIZE", "value": str(records)}],
        }
        labels = {"app.kubernetes.io/name": self.name}
        self.kubectl.apply({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": f"{self.name}-{signal}-{protocol}", "labels": labels},
            "spec": {"completions": pods, "parallelism": pods, "backoffLimit": 0, "template": {
                "metadata": {"labels": labels}, "spec": {"restartPolicy": "Never", "containers": [container]}}},
        })
        self.sent[signal] += records

    def jobs(self):
        return self.kubectl.get("jobs", selector=f"app.kubernetes.io/name={self.name}")

    def running(self):
        """Whether every job has a pod that has started."""
        return all(job["status"].get("ready", 0) > 0 for job in self.jobs())

    def ended(self):
        """None while a job runs; then the names of those that failed."""
        failed = []
        for job in self.jobs():
            states = {condition["type"] for condition in job["status"].get("conditions", []) if condition["status"] == "True"}
            if "Failed" in states:
                failed.append(job["metadata"]["name"])
            elif "Complete" not in states:
                return None
        return failed
