"""The commands of docker, podman and buildah: build an image, save it, push it."""

import shutil
import subprocess

TOOLS = ("docker", "podman", "buildah")
# Without buildx the docker client has no --load; podman and buildah keep a health check only in Docker's format.
BUILD = {"docker": ["docker", "buildx", "build", "--load"], "podman": ["podman", "build", "--format", "docker"],
         "buildah": ["buildah", "build", "--format", "docker"]}


def find_tool(tools=TOOLS):
    """Return the first tool that works here, or None; docker only with buildx and a daemon that answers."""
    for tool in tools:
        if shutil.which(tool) and (tool != "docker" or _answers("docker", "buildx", "version")
                                   and _answers("docker", "info")):
            return tool
    return None


def split_more(arguments):
    """Return (arguments before a lone --, those behind it)."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:cut], arguments[cut + 1:]


def build_command(tool, plan, context, id_file):
    """Return the command that builds a Plan from the folder `context` and writes the image's id to `id_file`."""
    command = [*BUILD[tool], "--file", str(context / "Containerfile"), "--target", plan.target,
               "--iidfile", str(id_file)]
    for tag in plan.tags:
        command += ["--tag", tag]
    for name, value in plan.arguments.items():
        command += ["--build-arg", f"{name}={value}"]
    for name, path in plan.secrets.items():
        command += ["--secret", f"id={name},src={path}"]
    return [*command, *plan.more, str(context)]


def save_command(tool, tag, archive):
    """Return the command that writes the image as a docker-archive, which `docker load` and `podman load` read."""
    return {"docker": ["docker", "save", "--output", str(archive), tag],
            "podman": ["podman", "save", "--format", "docker-archive", "--output", str(archive), tag],
            "buildah": ["buildah", "push", tag, f"docker-archive:{archive}:{tag}"]}[tool]


def push_command(tool, tag, digest_file):
    """Return the command that pushes a tag; podman and buildah write its digest to `digest_file`."""
    return {"docker": ["docker", "push", tag],
            "podman": ["podman", "push", "--digestfile", str(digest_file), tag],
            "buildah": ["buildah", "push", "--digestfile", str(digest_file), tag, f"docker://{tag}"]}[tool]


def pushed_digest(tool, tag, digest_file):
    """Return the digest (sha256:...) that the registry knows a pushed tag by."""
    if tool != "docker":
        return digest_file.read_text(encoding="utf-8").strip()
    asked = subprocess.run(["docker", "image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}",
                            tag], capture_output=True, text=True, check=True)
    name = repository(tag)
    return next(line.split("@")[1] for line in asked.stdout.split() if line.split("@")[0] == name)


def repository(tag):
    """Return a tag without what follows the last colon of its name: host:5000/headgate-api of host:5000/headgate-api:1.

    """
    head, slash, name = tag.rpartition("/")
    return f"{head}{slash}{name.split(':')[0]}"


def _answers(*command):
    return subprocess.run(command, capture_output=True).returncode == 0
