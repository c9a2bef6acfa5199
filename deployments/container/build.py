"""Build the image of the REST service: `python deployments/container/build.py --help`. Needs Python and no package."""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import builders
from champions import CannotBuild, check_digests, read_shelf, write_shelf

HERE, CHECKOUT = Path(__file__).resolve().parent, Path(__file__).resolve().parents[2]
EXPECTED, NAMED = re.compile(r"([^=\s,]+)=([0-9a-f]{64})"), re.compile(r"[A-Za-z0-9]")
EXAMPLES = """examples:
  python -m headgate export flights ./bundles/flights-1 --role champion
  python deployments/container/build.py --bundles ./bundles            an image that holds the champions of ./bundles
  python deployments/container/build.py                                one that holds none; mount them on /bundles
  python deployments/container/build.py --bundles ./bundles --digest flights=f8cdfa63... --tag registry.example.org/headgate-api:7 --push
  python deployments/container/build.py --tool buildah --base localhost/headgate-base -- --network host

What comes after -- goes to the tool as it is.
Exit codes: 0 built, 1 the champion is not the bundle that --digest names or was changed, 2 could not build."""     # noqa: E501


@dataclass(frozen=True)
class Plan:
    """What is to be built. arguments : of the Containerfile. secrets : id -> file. more : options for the tool."""

    target: str
    tags: tuple
    arguments: dict
    secrets: dict
    more: tuple


def main(arguments=None):
    """Run the command and return its exit code."""
    options = read_options(sys.argv[1:] if arguments is None else arguments)
    try:
        found = run(options)
    except CannotBuild as error:
        sys.stderr.write(f"{error}\n")
        found = {"outcome": "refused" if error.exit_code == 1 else "failed", "error": str(error),
                 "exit_code": error.exit_code}
    else:
        sys.stderr.write(f"{found['sentence']}\n")
        if not options.json:
            sys.stdout.writelines(f"{shlex.join(command)}\n" for command in found.get("commands", ()))
    if options.json:
        sys.stdout.write(json.dumps(found, sort_keys=True) + "\n")
    if options.github_output:
        tell_github(found)
    return found.get("exit_code", 0)


def read_options(arguments):
    """Return the options of a command line."""
    parser = argparse.ArgumentParser("build.py", description="Build the image of the REST service.", epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=Path, metavar="FOLDER", help="Folder with a roles.json, whose champions the "
                                                                       "image is to hold.")
    parser.add_argument("--digest", action="append", default=[], metavar="NAME=DIGEST",
                        help="The bundle that must be champion; several may be separated by commas.")
    parser.add_argument("--tag", action="append", default=[], help="Name of the image; may be repeated (default: "
                                                                   "headgate-api and the bundle's digest).")
    parser.add_argument("--base", help="Base image with Python 3.11 to 3.13 (default: that of the Containerfile).")
    parser.add_argument("--tool", choices=builders.TOOLS, help="Default: the first that works here.")
    parser.add_argument("--pip-conf", type=Path, metavar="FILE", help="pip.conf for the build alone.")
    parser.add_argument("--certificates", type=Path, metavar="FILE", help="PEM file of whom pip is to trust, for the "
                                                                          "build alone.")
    parser.add_argument("--source", default="", metavar="URL", help="Where the code is, for the image's label.")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="Also write the image as a docker-archive.")
    parser.add_argument("--push", action="store_true", help="Push every --tag, and tell the registry's digest.")
    parser.add_argument("--context", type=Path, metavar="FOLDER", help="Build nothing: write what the image is made of "
                                                                       "into this new folder, for another builder.")
    parser.add_argument("--dry-run", action="store_true", help="Tell the commands and run none of them.")
    parser.add_argument("--json", action="store_true", help="One JSON object as the last line of standard output.")
    parser.add_argument("--github-output", action="store_true", help="Write its fields to the file $GITHUB_OUTPUT.")
    own, more = builders.split_more(arguments)
    options = parser.parse_args(own, argparse.Namespace(more=more))
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


def run(options):
    """Build, save and push as the options say; return what was made. Raises CannotBuild."""
    check_tags(options.tag)
    shelf = find_shelf(options)
    plan = make_plan(options, shelf)
    told = {"target": plan.target, "image": plan.tags[0], "tags": list(plan.tags), "arguments": plan.arguments,
            "base": plan.arguments.get("BASE") or default_base(), "revision": plan.arguments["REVISION"],
            "bundles": {one.model: one.digest for one in shelf.champions} if shelf else {}}
    if options.context:
        write_context(options.context, shelf)
        return {**told, "outcome": "written", "sentence": f"{options.context} holds what the image is made of."}
    tool = options.tool or builders.find_tool()
    if tool is None:
        raise CannotBuild(f"There is none of {', '.join(builders.TOOLS)} here (docker needs buildx and its daemon).")
    with tempfile.TemporaryDirectory(prefix="headgate-image-") as scratch:
        context = Path(scratch) / "context"
        write_context(context, shelf)
        return {**told, "tool": tool, **carry_out(options, tool, plan, context)}


def check_tags(tags):
    """Raise CannotBuild for a tag without a name before it."""
    for tag in tags:
        if not NAMED.match(tag):
            raise CannotBuild(f"--tag begins with the name of an image: registry.example.org/headgate-api:7. Seen: "
                              f"{tag!r}. In deploy-api.yml the name is the repository's variable HEADGATE_IMAGE.")


def find_shelf(options):
    """Return the Shelf of --bundles, or None; raise CannotBuild when it is not what --digest asks for."""
    wanted = dict(_expected(one) for text in options.digest for one in text.split(","))
    shelf = read_shelf(options.bundles) if options.bundles else None
    if wanted and shelf is None:
        raise CannotBuild("--digest needs the --bundles that hold it.")
    if shelf is not None:
        check_digests(shelf, wanted)
    return shelf


def make_plan(options, shelf):
    """Return the Plan: which stage, under which names, with which labels."""
    version = re.search(r'__version__ = "(.+)"', (CHECKOUT / "headgate/__init__.py").read_text(encoding="utf-8"))[1]
    arguments = {"VERSION": version, "REVISION": _git("rev-parse", "HEAD"),
                 "CREATED": _git("show", "--no-patch", "--format=%cI", "HEAD"), "SOURCE": options.source}
    if options.base:
        arguments["BASE"] = options.base
    name = version
    if shelf is not None:
        arguments["EXPECT"] = shelf.expected
        digests = [one.digest for one in shelf.champions]
        name = (digests[0] if len(digests) == 1 else hashlib.sha256(shelf.expected.encode()).hexdigest())[:12]
    return Plan("service" if shelf is None else "sealed", tuple(options.tag) or (f"headgate-api:{name}",), arguments,
                _secrets(options), tuple(options.more))


def write_context(context, shelf):
    """Write what the Containerfile copies, and nothing else, into the new folder `context`."""
    try:
        context.mkdir(parents=True)
    except OSError as error:
        raise CannotBuild(f"{context} cannot be made: {error.strerror}. Name a new folder.") from None
    for package in ("api", "headgate"):
        shutil.copytree(CHECKOUT / package, context / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    (context / "deployments/container").mkdir(parents=True)
    for source, place in (("requirements-api.txt", "."), ("LICENSE", "."),
                          ("deployments/container/healthcheck.py", "deployments/container"),
                          ("deployments/container/Containerfile", ".")):
        shutil.copy(CHECKOUT / source, context / place)
    if shelf is not None:
        write_shelf(shelf, context / "bundles")
    for path in context.rglob("*"):     # the service reads them as another user than the one who builds
        path.chmod(0o755 if path.is_dir() else 0o644)


def carry_out(options, tool, plan, context):
    """Run the commands, or only tell them; return the image's id and digests."""
    id_file, digest_file = context.parent / "id", context.parent / "digest"
    commands = [builders.build_command(tool, plan, context, id_file)]
    if options.archive:
        if not options.dry_run:
            options.archive.unlink(missing_ok=True)     # podman and buildah add nothing to a file that is there
        commands.append(builders.save_command(tool, plan.tags[0], options.archive))
    if options.push:
        commands += [builders.push_command(tool, tag, digest_file) for tag in plan.tags]
    if options.dry_run:
        return {"outcome": "planned", "commands": commands, "sentence": "Nothing was built."}
    for command in commands:
        _call(command)
    pushed = builders.pushed_digest(tool, plan.tags[-1], digest_file) if options.push else ""
    return {"outcome": "pushed" if pushed else "built", "id": id_file.read_text(encoding="utf-8").strip(),
            "digest": pushed, "reference": f"{builders.repository(plan.tags[0])}@{pushed}" if pushed else "",
            "archive": str(options.archive or ""), "sentence": f"{plan.tags[0]} is built with {tool}."}


def default_base():
    """Return the base image that the Containerfile names."""
    return re.search(r"^ARG BASE=(\S+)$", (HERE / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)[1]


def tell_github(found):
    """Append the plain fields to the file that $GITHUB_OUTPUT names."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as stream:
        for name, value in found.items():
            if isinstance(value, str):
                stream.write(f"{name}={' '.join(value.split())}\n")


def _expected(text):
    match = EXPECTED.fullmatch(text)
    if match is None:
        raise CannotBuild(f"--digest takes NAME=DIGEST with 64 hexadecimal digits. Seen: {text}.")
    return match[1], match[2]


def _secrets(options):
    """Return id -> file of what is lent to the build; raise CannotBuild for one that is not there."""
    found = {name: path.resolve() for name, path in (("pip.conf", options.pip_conf), ("ca.pem", options.certificates))
             if path}
    for path in found.values():
        if not path.is_file():
            raise CannotBuild(f"{path} is not there.")
    return found


def _git(*command):
    """Return what git says of this checkout, or "" where it is none."""
    try:
        asked = subprocess.run(["git", *command], capture_output=True, text=True, cwd=CHECKOUT)
    except OSError:
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _call(command):
    try:
        ended = subprocess.run(command, stdout=sys.stderr).returncode     # standard output is for the JSON
    except OSError as error:
        raise CannotBuild(f"{command[0]} cannot be run: {error.strerror}.") from None
    if ended != 0:
        raise CannotBuild(f"{' '.join(command[:2])} ended with {ended}; it says why above.")


if __name__ == "__main__":
    sys.exit(main())
