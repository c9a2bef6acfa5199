"""The one door to GitHub's API: write one comment of a pull request, or bring it up to date."""

import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from headgate.errors import HeadgateError, ReviewersNotTold

LONGEST = 65_000        # characters; GitHub refuses 65,536
CUT = "\n\n(cut: the whole report is on the page of the run and among its artifacts)\n"
PAGE, MOST_PAGES, SECONDS = 100, 30, 30
PASSING = (429, 500, 502, 503, 504)     # worth another try
WAITS = (2, 8)          # seconds before the second and the third
LONGEST_WAIT = 60       # seconds that GitHub may ask for
NOT_ALLOWED = (401, 403, 404)
PERMISSION = "The job needs `pull-requests: write`, which pull requests from forks never get."


@dataclass(frozen=True)
class Repository:
    """name : OWNER/REPOSITORY.  api : base URL of GitHub's API.  token : may write comments of pull requests."""

    name: str
    api: str
    token: str

    def __repr__(self):
        return f"Repository({self.name!r})"

    @classmethod
    def from_environment(cls, environment):
        """Read GITHUB_REPOSITORY, GITHUB_API_URL and GITHUB_TOKEN; raise HeadgateError naming what is missing."""
        missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not environment.get(name)]
        if missing:
            raise HeadgateError("A comment cannot be written here.", value=f"without {' and '.join(missing)}",
                                remedy="GitHub Actions sets the repository; give the step the token of its job.")
        api = (environment.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
        host = urlsplit(api)
        if host.scheme != "https" and host.hostname not in ("127.0.0.1", "localhost"):
            raise HeadgateError("A token is sent over https alone.", value=api, limit="https://...")
        return cls(environment["GITHUB_REPOSITORY"], api, environment["GITHUB_TOKEN"])

    def ask(self, method, path, document=None):
        """Return the parsed answer; raise ReviewersNotTold with what GitHub said."""
        request = urllib.request.Request(
            f"{self.api}/repos/{self.name}/{path}", method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json",
                     "X-GitHub-Api-Version": "2022-11-28", "Content-Type": "application/json",
                     "User-Agent": "headgate"})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise _refused(error, f"{method} {path.split('?')[0]}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ReviewersNotTold(f"GitHub's API at {self.api} does not answer.", value=str(error)) from None


def _refused(error, what):
    """Return the ReviewersNotTold of an HTTPError; where another try may do, `wait` is what GitHub asks for, or 0."""
    told = error.read(500).decode(errors="replace")
    asked = error.headers.get("Retry-After") or ""
    remedy = PERMISSION if error.code in NOT_ALLOWED else "The report is on the page of the run; run the job again."
    refused = ReviewersNotTold(f"GitHub refused to {what}.", value=f"{error.code}: {told}", remedy=remedy)
    refused.wait = (int(asked) if asked.isdecimal() else 0) if error.code in PASSING else None
    return refused


def tell_reviewers(repository, pull_request, topic, text, *, sleep=time.sleep):
    """Write `text` as the comment of that topic, in place of what the last run wrote; return (id, "made"|"updated").

    Nobody is mentioned by it, whatever the text says. What may pass is tried again, after looking anew: a comment may
    have been written although the answer was an error.
    """
    marker = f"<!-- headgate: {topic} -->"
    body = f"{marker}\n{inert(text)}"
    body = body if len(body) <= LONGEST else body[:LONGEST] + CUT
    for wait in WAITS:
        try:
            return _write(repository, pull_request, marker, body)
        except ReviewersNotTold as error:
            asked = getattr(error, "wait", None)
            if asked is None or asked > LONGEST_WAIT:
                raise
            sleep(max(asked, wait))
    return _write(repository, pull_request, marker, body)


def inert(text):
    """Return the text with a space of no width behind every @, so that no person and no team is called by it."""
    return text.replace("@", "@\u200b")


def _write(repository, pull_request, marker, body):
    known = _own_comment(repository, pull_request, marker)
    if known is None:
        return repository.ask("POST", f"issues/{int(pull_request)}/comments", {"body": body})["id"], "made"
    return repository.ask("PATCH", f"issues/comments/{known}", {"body": body})["id"], "updated"


def _own_comment(repository, pull_request, marker):
    """Return the id of the first comment that a bot wrote and that begins with the marker, or None."""
    for page in range(1, MOST_PAGES + 1):
        found = repository.ask("GET", f"issues/{int(pull_request)}/comments?per_page={PAGE}&page={page}")
        for one in found:
            if (one.get("body") or "").startswith(marker) and (one.get("user") or {}).get("type") == "Bot":
                return one["id"]
        if len(found) < PAGE:
            return None
    return None
