"""What a workflow of GitHub Actions reads of a flow's run: the same as of any other command."""

from headgate.commands.github import GithubOption, need_github, tell_github

__all__ = ["GithubOption", "need_github", "tell_github"]
