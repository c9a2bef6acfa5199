"""Run git, alone and without questions; a token reaches one host as a header and never a command line or a file."""

import base64
import os
import subprocess
from urllib.parse import urlsplit

from headgate.errors import StateAway

SECONDS = 120
ALONE = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def run_git(root, *words, text=True, remote="", token="", **settings):
    """Run `git WORDS` in `root` and return what subprocess.run does, whatever git's exit code is.

    remote, token : with both, requests to that remote's host bear the token, if they go over https.
    settings : more environment. Raises StateAway when git is not there, or is not done after two minutes.
    """
    environment = {**os.environ, **ALONE, **(header(root, remote, token) if token else {}), **settings}
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=text, env=environment,
                              stdin=subprocess.DEVNULL, timeout=SECONDS)
    except FileNotFoundError:
        raise StateAway("git is not installed here.", remedy="Install git.") from None
    except subprocess.TimeoutExpired:
        raise StateAway(f"git {words[0]} gave no answer within {SECONDS} seconds.",
                        remedy="Is the remote up?") from None


def is_option(text):
    """True for what git would take as an option, whatever it was meant to be."""
    return text.startswith("-")


def is_here(root, commit):
    """True when a commit, by any name, is in the repository at `root`."""
    return not is_option(commit) and run_git(root, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def fetch_commit(root, commit, remote, *, shallow, token=""):
    """Fetch one commit, without what came before it if `shallow`; return what run_git does."""
    return run_git(root, "fetch", "--quiet", "--no-tags", *(["--depth=1"] if shallow else []), "--", remote, commit,
                   remote=remote, token=token)


def header(root, remote, token):
    """Return the settings that make git send `token` to the remote's host, and to no other."""
    url = run_git(root, "remote", "get-url", "--", remote).stdout.strip() or remote
    parts = urlsplit(url)
    if parts.scheme != "https":
        return {}
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"http.https://{parts.netloc}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}"}
