"""git, as a person uses it."""

import subprocess


def git(folder, *words):
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    answer = subprocess.run(["git", *who, "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return answer.stdout.strip()
