"""Run an image as production would, ask it, and stop it: `python deployments/container/smoke.py --help`."""

import argparse
import http.client
import json
import socket
import sys
import time
from pathlib import Path

import boxes
import builders

EXAMPLES = """examples:
  python deployments/container/smoke.py headgate-api:f8cdfa6365ae
  python deployments/container/smoke.py headgate-api:0.1.0 --bundles ./bundles        an image that holds none
  python deployments/container/smoke.py headgate-api:f8cdfa6365ae --tool podman --host-network -- --runtime runc

What comes after -- goes to the tool before its command.
Exit codes: 0 every step is right, 1 one is not, 2 the container could not be started."""
RIGHTS = """
import os, pathlib
def writes(place):
    try:
        path = pathlib.Path(place, ".smoke"); path.write_text(""); path.unlink(); return True
    except OSError:
        return False
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(os.getuid(), int(status["CapEff"], 16), *[int(writes(place)) for place in
      ("/", "/app", "/venv", "/bundles", "/etc", "/state", "/tmp")])"""
ROWS = """
import sqlite3
found = sqlite3.connect("file:/state/headgate.db?mode=ro", uri=True)
print(found.execute("SELECT count(*) FROM predictions").fetchone()[0])"""


class Wrong(Exception):
    """What a step expected and did not see."""


def main(arguments=None):
    """Run the command and return its exit code."""
    options = read_options(sys.argv[1:] if arguments is None else arguments)
    steps, trouble = [], ""
    try:
        box = boxes.start(options.tool, options.image, more=options.more, bundles=options.bundles,
                          host_network=options.host_network)
        try:
            go_through(box, steps, options)
        finally:
            box.remove()
    except boxes.CannotRun as error:
        trouble = str(error)
        sys.stderr.write(f"{trouble}\n")
    code = 2 if trouble else 0 if all(one["right"] for one in steps) else 1
    if options.json:
        found = {"outcome": {0: "right", 1: "wrong", 2: "failed"}[code], "image": options.image, "tool": options.tool,
                 "steps": steps, "exit_code": code}
        sys.stdout.write(json.dumps({**found, **({"error": trouble} if trouble else {})}, sort_keys=True) + "\n")
    return code


def read_options(arguments):
    """Return the options of a command line."""
    parser = argparse.ArgumentParser("smoke.py", description="Run an image as production would, ask it, and stop it.",
                                     epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image")
    parser.add_argument("--bundles", type=Path, metavar="FOLDER", help="Mount this folder on /bundles.")
    parser.add_argument("--tool", choices=("docker", "podman"), help="Default: the first that works here.")
    parser.add_argument("--host-network", action="store_true", help="Where the tool cannot publish a port.")
    parser.add_argument("--seconds", type=float, default=90, help="How long it may take to be ready (default: 90).")
    parser.add_argument("--json", action="store_true", help="One JSON object as the last line of standard output.")
    own, more = builders.split_more(arguments)
    options = parser.parse_args(own, argparse.Namespace(more=more))
    options.tool = options.tool or builders.find_tool(("docker", "podman")) or "podman"
    return options


def go_through(box, steps, options):
    """Take every step, in order, and end at the first that is wrong."""
    asked = {"rows": 0}
    for name, step in (("ready", lambda: is_ready(box, options.seconds)), ("rights", lambda: has_no_rights(box)),
                       ("health check", lambda: is_healthy(box)), ("bundles", lambda: serves_its_label(box)),
                       ("predictions", lambda: predicts(box, asked)), ("drain", lambda: drains(box, asked)),
                       ("log", lambda: kept_its_log(box, asked))):
        began = time.monotonic()
        try:
            told, right = step(), True
        except (Wrong, OSError, http.client.HTTPException) as error:
            told, right = f"{error} The service logged: {box.log()[-1500:]}", False
        steps.append({"name": name, "right": right, "sentence": told, "seconds": round(time.monotonic() - began, 2)})
        sys.stderr.write(f"{'right' if right else 'WRONG'}  {name}: {told}\n")
        if not right:
            return


def is_ready(box, seconds):
    """Ask /ready until it is 200."""
    until = time.monotonic() + seconds
    while True:
        try:
            status, told = ask(box, "GET", "/ready")
        except (OSError, http.client.HTTPException) as error:
            status, told = 0, str(error)
        if status == 200:
            return f"/ready answers 200, {told['status']}."
        if time.monotonic() > until:
            raise Wrong(f"/ready did not answer 200 within {seconds:g} s; last seen: {status} {told}.")
        time.sleep(0.05)


def has_no_rights(box):
    """The process is not root, has no capability, and writes to its state and /tmp alone."""
    user, capabilities, *writes = map(int, box.python(RIGHTS).split())
    if user == 0 or capabilities != 0 or writes != [0, 0, 0, 0, 0, 1, 1]:
        raise Wrong(f"User {user}, capabilities {capabilities:x}, writes to /, /app, /venv, /bundles, /etc, /state and "
                    f"/tmp: {writes}.")
    return f"User {user}, no capability; nothing can be written but /state and /tmp."


def is_healthy(box):
    """The image's own health check says so: podman is told to run it, docker runs it by itself."""
    if box.tool == "podman":
        ran = box.call("healthcheck", "run", box.name, check=False)
        if ran.returncode != 0:
            raise Wrong(f"podman healthcheck run ended with {ran.returncode}: {ran.stdout}{ran.stderr}.")
        return "The health check ends with 0."
    until, told = time.monotonic() + 60, ""
    while time.monotonic() < until:
        told = box.call("inspect", "--format", "{{.State.Health.Status}}", box.name).stdout.strip()
        if told == "healthy":
            return "Docker says healthy."
        time.sleep(0.5)
    raise Wrong(f"Docker says {told or 'nothing'} after a minute.")


def serves_its_label(box):
    """What serves are the bundles that the image's label names."""
    status, told = ask(box, "GET", "/health")
    serving = {name: one["digest"] for name, one in told["models"].items()}
    label = box.labels().get("headgate.bundles", "")
    named = dict(one.split("=") for one in label.split(",") if one)
    if status != 200 or not serving or named and named != serving:
        raise Wrong(f"It serves {serving}; its label says {named}.")
    return ", ".join(f"{name} {digest[:12]}" for name, digest in serving.items())


def predicts(box, asked):
    """Each model answers the example of its own documentation, alone and in a batch."""
    for model in examples(box):
        path, row = f"/models/{model}/predict", examples(box)[model]
        for path, body in ((path, row), (f"{path}/batch", {"instances": [row, row]})):
            status, told = ask(box, "POST", path, body)
            if status != 200 or not told.get("model_version"):
                raise Wrong(f"POST {path} answers {status}: {told}.")
            asked["rows"] += 1
    return f"{asked['rows']} requests were answered."


def examples(box):
    """Return model -> row of the OpenAPI document's example."""
    _, document = ask(box, "GET", "/openapi.json")
    found = {}
    for path, routes in document["paths"].items():
        if path.startswith("/models/") and path.endswith("/predict") and "{" not in path:
            media = routes["post"]["requestBody"]["content"]["application/json"]
            found[path.split("/")[2]] = media.get("example") or next(iter(media["examples"].values()))["value"]
    if not found:
        raise Wrong("The OpenAPI document has no route of a model.")
    return found


def drains(box, asked):
    """Told to stop in the middle of a request, it takes no new one, answers that one, and ends with 0."""
    model, row = next(iter(examples(box).items()))
    body = json.dumps(row).encode()
    with socket.create_connection(("127.0.0.1", box.port), timeout=30) as half:
        half.sendall(f"POST /models/{model}/predict HTTP/1.1\r\nHost: smoke\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        ask(box, "GET", "/health")      # by now the half is read, for connections are served in turn
        box.call("kill", "--signal", "TERM", box.name)
        _until_closed(box)
        half.sendall(body[10:])
        answer = http.client.HTTPResponse(half)
        answer.begin()
        told = answer.read()
    if answer.status != 200:
        raise Wrong(f"The request that was under way was answered with {answer.status}: {told!r}.")
    asked["rows"] += 1
    code = box.call("wait", box.name).stdout.strip()
    if code != "0":
        raise Wrong(f"It ended with {code}.")
    return "The request under way was answered, new ones were not taken, and it ended with 0."


def kept_its_log(box, asked):
    """Every answered request is in the database of /state after the stop."""
    rows = int(box.after(ROWS))
    if rows != asked["rows"]:
        raise Wrong(f"{asked['rows']} requests were answered, {rows} are in the log.")
    return f"All {rows} requests are in the prediction log."


def ask(box, method, path, document=None):
    """Return (status, JSON) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=30)
    try:
        connection.request(method, path, None if document is None else json.dumps(document),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def _until_closed(box, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            ask(box, "GET", "/health")
        except (OSError, http.client.HTTPException):
            return
    raise Wrong(f"It still took new requests {seconds} s after SIGTERM.")


if __name__ == "__main__":
    sys.exit(main())
