"""Prints the first second octet N for which 10.N.0.0/16 meets no route or address of this machine."""
import ipaddress
import json
import subprocess
import sys

CANDIDATES = range(213, 250)


def taken():
    routes = json.loads(subprocess.check_output(["ip", "-j", "-4", "route", "show", "table", "all"]) or "[]")
    for route in routes:
        if route["dst"] != "default":
            yield ipaddress.ip_network(route["dst"], strict=False)


used = [net for net in taken() if net.prefixlen > 4]
for octet in CANDIDATES:
    if not any(net.overlaps(ipaddress.ip_network(f"10.{octet}.0.0/16")) for net in used):
        print(octet)
        sys.exit(0)
sys.exit("no free subnet: every 10.N.0.0/16 with N from 213 to 249 is routed")
