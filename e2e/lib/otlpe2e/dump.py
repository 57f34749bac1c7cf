"""What a person needs to see after a failure: objects, events and logs, in a folder a scenario."""
import os
import subprocess

from .kubectl import KubectlError

OPERATOR = "otlpipe-system"


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def attempt(kubectl, *arguments):
    try:
        return kubectl.run(*arguments)
    except (KubectlError, subprocess.TimeoutExpired) as error:
        return f"{error}\n"


def dump(kubectl, operator, folder):
    os.makedirs(folder, exist_ok=True)
    write(folder, "objects.txt", attempt(kubectl, "get", "otlppipelines,all,configmaps,hpa,pdb,jobs", "-o", "wide"))
    write(folder, "pipelines.yaml", attempt(kubectl, "get", "otlppipelines", "-o", "yaml"))
    write(folder, "configmaps.yaml", attempt(kubectl, "get", "configmaps", "-o", "yaml"))
    write(folder, "events.txt", attempt(kubectl, "get", "events", "--sort-by=.lastTimestamp"))
    write(folder, "pods.txt", attempt(kubectl, "describe", "pods"))
    write(folder, "operator-events.txt", attempt(operator, "get", "events", "--sort-by=.lastTimestamp"))
    for name, source in (("", kubectl), ("operator-", operator)):
        for pod in attempt(source, "get", "pods", "-o", "name").split():
            short = name + pod.removeprefix("pod/")
            write(folder, f"{short}.log", attempt(source, "logs", pod, "--all-containers", "--tail=2000"))
            write(folder, f"{short}.previous.log", attempt(source, "logs", pod, "--all-containers", "--previous", "--tail=2000"))
