"""A branch that holds files, read and written without touching the working tree."""

import io
import re
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import HeadgateError, StateAway, StateBroken, StateMoved
from headgate.state.git import fetch_commit, is_here, is_option, run_git

BRANCH, REMOTE = "headgate-state", "origin"
COMMIT = re.compile("[0-9a-fA-F]{7,64}")
WRITER = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "headgate"), ("EMAIL", "headgate@users.noreply.github.com"))}


@dataclass(frozen=True)
class Branch:
    """A branch of a remote of the repository at `root`.

    token : for an https remote, sent as a header and never part of a command or a configuration file; or "".
    Raises HeadgateError for a remote or a name that git would take as one of its options.
    """

    root: Path
    remote: str = REMOTE
    name: str = BRANCH
    token: str = ""

    def __post_init__(self):
        for what, value in (("remote", self.remote), ("branch", self.name)):
            if is_option(value):
                raise HeadgateError(f"No {what} is called so: git would take it as an option.", value=repr(value),
                                    limit="what does not begin with -", remedy=f"Name it anew: --{what}.")

    def __repr__(self):
        return f"Branch({self.name!r} of {self.remote!r})"

    def head(self):
        """Return the commit the branch points to, or None where there is no such branch. Raises StateAway."""
        told = self._git("ls-remote", "--", self.remote, f"refs/heads/{self.name}")
        return told.split()[0] if told.strip() else None

    def fetch(self, commit):
        """Bring a commit of the branch here; into a shallow clone, without what came before it.

        Raises StateAway, and HeadgateError for what is no commit by its digits.
        """
        if not COMMIT.fullmatch(commit):
            raise HeadgateError(f"A commit of the branch {self.name} goes by its digits.", value=repr(commit)[:80],
                                limit="7 to 64 hexadecimal digits", remedy="Leave it out to take the newest one.")
        if not is_here(self.root, commit):
            shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
            answer = fetch_commit(self.root, commit, self.remote, shallow=shallow, token=self.token)
            if answer.returncode:
                raise self._away(answer.stderr)

    def unpack(self, commit, folder):
        """Write the files of a commit into `folder`, only plain files and folders, only inside of it.

        Raises StateAway, and StateBroken for what is neither, such as a link that leads out of it.
        """
        answer = self._ask("archive", "--format=tar", commit, text=False)
        if answer.returncode:
            raise self._away(answer.stderr.decode(errors="replace"))
        try:
            with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as archive:
                archive.extractall(folder, filter="data")
        except tarfile.FilterError as error:
            raise StateBroken(f"The branch {self.name} holds what is no file of a state.", value=str(error),
                              remedy="Find out who changed it, and take that back.") from None

    def tree(self, commit, path):
        """Return the id of what is at `path` in a commit, or "" where nothing is."""
        answer = self._ask("rev-parse", "--quiet", "--verify", f"{commit}:{path}") if commit else None
        return answer.stdout.strip() if answer is not None and answer.returncode == 0 else ""

    def show(self, commit, path):
        """Return the text of a file in a commit, or "" where there is none."""
        return self._git("show", f"{commit}:{path}") if self.tree(commit, path) else ""

    def commit(self, parent, folder, replaced, message):
        """Return a commit that is `parent` (or nothing) with the paths `replaced` as they are in `folder`, or gone."""
        with tempfile.TemporaryDirectory(prefix="headgate-index-") as scratch:
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            if parent:
                self._git("read-tree", parent, **index)
                self._git("rm", "-r", "-f", "--quiet", "--cached", "--ignore-unmatch", "--", *replaced, **index)
            added = [name for name in replaced if (Path(folder) / name).exists()]
            self._git("-c", "core.autocrlf=false", "-c", "core.attributesFile=", f"--work-tree={folder}", "add",
                      "--force", "--", *added, **index)
            tree = self._git("write-tree", **index).strip()
        if parent and tree == self._git("rev-parse", f"{parent}^{{tree}}").strip():
            return parent
        return self._git("commit-tree", tree, *(("-p", parent) if parent else ()), "-m", message, **WRITER).strip()

    def push(self, commit):
        """Let the branch point to a commit; raises StateMoved when it is no longer where that commit began."""
        answer = self._ask("push", "--quiet", "--porcelain", "--", self.remote, f"{commit}:refs/heads/{self.name}")
        if answer.returncode:
            told = answer.stdout + answer.stderr
            if any(word in told for word in ("[rejected]", "non-fast-forward", "fetch first", "cannot lock ref",
                                             "failed to update ref")):
                raise StateMoved(f"The branch {self.name} moved while it was written to.",
                                 value=" ".join(told.split())[:300], remedy="Run the same command again.")
            raise self._away(told)

    def _git(self, *words, **settings):
        answer = self._ask(*words, **settings)
        if answer.returncode:
            raise self._away(answer.stderr)
        return answer.stdout

    def _ask(self, *words, text=True, **settings):
        return run_git(self.root, *words, text=text, remote=self.remote, token=self.token, **settings)

    def _away(self, told):
        return StateAway(f"The branch {self.name} of {self.remote} cannot be used.", value=" ".join(told.split())[:300],
                         remedy="Is this a git checkout, and may you read (or write) its remote?")
