"""Roll an image out to a cluster and watch it: `python deployments/kubernetes/roll_out.py --help`. Needs kubectl."""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import cluster
import way_back
from cluster import CannotRollOut
from credentials import credentials
from watching import NotRight, watch

OVERLAYS = Path(__file__).resolve().parent / "overlays"
PINNED, EXPECTED = re.compile(r"\S+@sha256:[0-9a-f]{64}"), re.compile(r"([^=\s,]+)=([0-9a-f]{64})")
EXAMPLES = """examples:
  python deployments/kubernetes/roll_out.py staging --image registry.example.org/headgate-api@sha256:4f5c...
  python deployments/kubernetes/roll_out.py production --image registry.example.org/headgate-api@sha256:4f5c... \\
      --digest flights=f8cdfa63... --watch-seconds 300 --json
  python deployments/kubernetes/roll_out.py production --image registry.example.org/headgate-api@sha256:4f5c... --back
  python deployments/kubernetes/roll_out.py production --image registry.example.org/headgate-api@sha256:4f5c... --render -

KUBECONFIG_TEXT, if it is set, is written to a file for kubectl that is gone afterwards.
Whatever ends it once the image is applied (kubectl, Ctrl-C and SIGTERM too) has the version before put back.
Exit codes: 0 rolled out (or rendered, or put back), 1 it was not right and the version before is back, 2 could not run,
was stopped, or there is no way back; the sentence says whether the version before is back."""     # noqa: E501


def main(arguments=None):
    """Run the command and return its exit code."""
    options = read_options(sys.argv[1:] if arguments is None else arguments)
    found = {"overlay": options.overlay, "image": options.image, "steps": []}
    try:
        with credentials(os.environ):
            found |= run(options, found["steps"])
    except CannotRollOut as error:
        found |= {"outcome": "failed", "sentence": str(error), "exit_code": 2}
    except KeyboardInterrupt:
        found |= {"outcome": "failed", "sentence": "It was stopped before it applied anything.", "exit_code": 2}
    sys.stderr.write(f"{found['sentence']}\n")
    if options.json:
        sys.stdout.write(json.dumps(found, sort_keys=True) + "\n")
    if options.github_output:
        tell_github(found)
    return found.get("exit_code", 0)


def read_options(arguments):
    """Return the options of a command line."""
    parser = argparse.ArgumentParser("roll_out.py", description="Apply an overlay with an image, wait, verify, watch; "
                                                                "put the version before back if it is not right.",
                                     epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("overlay", help="staging, production, or a folder with a kustomization.yaml.")
    parser.add_argument("--image", required=True, help="The image, by its digest: NAME@sha256:...")
    parser.add_argument("--by-tag", action="store_true", help="Let --image be a tag, as on a cluster of one's own.")
    parser.add_argument("--digest", action="append", default=[], metavar="NAME=DIGEST",
                        help="The bundle that must serve; several may be separated by commas.")
    parser.add_argument("--timeout", type=float, default=360, help="Seconds for the rollout (default: 360).")
    parser.add_argument("--watch-seconds", type=float, default=60, help="How long to watch it (default: 60).")
    parser.add_argument("--errors", type=float, default=0.01, help="Share of 5xx that is too many (default: 0.01).")
    parser.add_argument("--back", action="store_true", help="Only put the version before back, where --image runs.")
    parser.add_argument("--render", metavar="FILE", help="Only write the manifests there; - is standard output.")
    parser.add_argument("--json", action="store_true", help="One JSON object as the last line of standard output.")
    parser.add_argument("--github-output", action="store_true", help="Write its fields to the file $GITHUB_OUTPUT.")
    options = parser.parse_args(arguments)
    if options.github_output:
        check_output(parser)
    return options


def check_output(parser):
    """End with exit code 2, before anything is done, unless $GITHUB_OUTPUT names a file that can be written to."""
    place = os.environ.get("GITHUB_OUTPUT")
    if not place:
        parser.error("--github-output needs the variable GITHUB_OUTPUT, which names the file to write to. GitHub "
                     "Actions sets it in every step; elsewhere leave the option out.")
    try:
        open(place, "a", encoding="utf-8").close()
    except OSError as error:
        parser.error(f"--github-output writes to {place}, as GITHUB_OUTPUT says, and cannot: {error.strerror}.")


def run(options, steps):
    """Do what the options say; return outcome and sentence. Raises CannotRollOut."""
    expected = dict(read_digest(one) for text in options.digest for one in text.split(","))
    manifests = cluster.render(find_overlay(options.overlay), check_image(options.image, options.by_tag))
    if options.render:
        write(manifests, options.render)
        return {"outcome": "rendered", "sentence": f"{options.overlay} is rendered with {options.image}."}
    namespace = cluster.namespace_of(manifests)
    if options.back:
        return way_back.put_back(namespace, options)
    return roll_out(namespace, manifests, options, expected, steps)


def roll_out(namespace, manifests, options, expected, steps):
    """Apply, verify and watch; what ends it before it is through has the version before put back."""
    untouched = cluster.deployment(namespace)
    way_back.stoppable()
    try:
        cluster.apply(manifests)
        untouched = None
        for name, step in (("rollout", lambda: wait(namespace, options.timeout)),
                           ("verify", lambda: verify(namespace, options.image, expected)),
                           ("watch", lambda: look_on(namespace, options))):
            steps.append({"name": name, "sentence": step()})
            sys.stderr.write(f"{name}: {steps[-1]['sentence']}\n")
    except NotRight as error:
        steps.append({"name": name, "sentence": str(error)})
        return way_back.take_back(namespace, options, str(error), exit_code=1)
    except (Exception, KeyboardInterrupt) as error:     # whatever it is, the new version does not stay unwatched
        return way_back.take_back(namespace, options, reason(error), exit_code=2, untouched=untouched)
    return {"outcome": "deployed", "sentence": f"{options.overlay} runs {options.image}."}


def reason(error):
    """Say in a sentence why a rollout ended."""
    if isinstance(error, KeyboardInterrupt):
        return "It was stopped."
    return str(error) if isinstance(error, CannotRollOut) else f"Something unforeseen: {type(error).__name__}: {error}."


def wait(namespace, seconds):
    """Wait until every pod is a new one and ready."""
    trouble = cluster.wait(namespace, seconds)
    if trouble:
        raise NotRight(f"The rollout did not end: {trouble}")
    return "Every pod is new and ready."


def verify(namespace, image, expected):
    """Ask each new pod what it serves. expected : model -> digest."""
    found = cluster.pods(namespace, image)
    if not found:
        raise NotRight(f"No pod runs {image}.")
    for pod in found:
        right, told = cluster.ready(namespace, pod)
        serving = {name: one["digest"] for name, one in told.get("models", {}).items()}
        if not right or not expected.items() <= serving.items():
            raise NotRight(f"{pod} serves {serving or 'nothing'} {told.get('why', '')}; it has to serve {expected}.")
    return f"{len(found)} pods serve what they should."


def look_on(namespace, options):
    """Watch the new pods for as long as the options say."""
    return watch(namespace, options.image, seconds=options.watch_seconds, errors=options.errors)


def find_overlay(name):
    """Return the folder of an overlay: one of this checkout, or any with a kustomization.yaml."""
    for folder in (OVERLAYS / name, Path(name)):
        if (folder / "kustomization.yaml").is_file():
            return folder
    known = ", ".join(sorted(one.name for one in OVERLAYS.iterdir()))
    raise CannotRollOut(f"There is no overlay {name}. There are {known}, or name a folder with a kustomization.yaml.")


def check_image(image, by_tag):
    """Return the image; raise CannotRollOut unless its digest names it."""
    if not PINNED.fullmatch(image) and (not by_tag or not re.fullmatch(r"[\w./:@-]+", image)):
        raise CannotRollOut(f"--image goes by its digest, NAME@sha256:..., so that every pod runs the same bytes. "
                            f"Seen: {image}.")
    return image


def read_digest(text):
    """Return (model, digest) of NAME=DIGEST."""
    match = EXPECTED.fullmatch(text)
    if match is None:
        raise CannotRollOut(f"--digest takes NAME=DIGEST with 64 hexadecimal digits. Seen: {text}.")
    return match[1], match[2]


def write(manifests, place):
    """Write the manifests to a file, or to standard output for -."""
    if place == "-":
        sys.stdout.write(manifests)
        return
    try:
        Path(place).write_text(manifests, encoding="utf-8")
    except OSError as error:
        raise CannotRollOut(f"{place} cannot be written: {error.strerror}.") from None


def tell_github(found):
    """Append the plain fields to the file that $GITHUB_OUTPUT names."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as stream:
        for name, value in found.items():
            if isinstance(value, str):
                stream.write(f"{name}={' '.join(value.split())}\n")


if __name__ == "__main__":
    sys.exit(main())
