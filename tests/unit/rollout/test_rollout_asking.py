"""The question at the terminal."""

import io
import time

import pytest

from flows.launch.asking import ask_at_terminal
from headgate.errors import RegistryError
from headgate.rollout.question import Moot


class Spinner:
    def __init__(self):
        self.turns = []

    def start(self):
        self.turns.append("on")

    def stop(self):
        self.turns.append("off")


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Silence(Terminal):
    def readline(self):
        time.sleep(5)


def standing():
    """Of a question that somebody still needs to answer."""


@pytest.mark.parametrize("typed, yes", [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False),
                                        ("yes please\n", False)])
def test_only_yes_is_a_yes(typed, yes, capsys):
    spinner = Spinner()
    answer = ask_at_terminal(spinner, "Deploy **2**?", 5, standing, lines=Terminal(typed))
    assert answer.yes is yes and answer.how == "terminal" and answer.by in answer.sentence
    assert spinner.turns == ["off", "on"] and "Deploy 2?" in capsys.readouterr().err


def test_no_answer_in_time_is_a_no():
    answer = ask_at_terminal(Spinner(), "Deploy?", 0.05, standing, lines=Silence())
    assert not answer.yes and answer.sentence == "Nobody approved it within 0.05 s."


def test_a_question_that_is_moot_waits_no_longer(monkeypatch):
    monkeypatch.setattr("flows.launch.asking.LOOK_SECONDS", 0.01)
    looks = iter([RegistryError("It is away."), None, Moot("moved", "Version 3 became champion.")])

    def moot():
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        return found
    answer = ask_at_terminal(Spinner(), "Deploy?", 60, moot, lines=Silence())
    assert not answer.yes and answer.sentence == "Version 3 became champion." and answer.by == ""


def test_without_a_terminal_it_says_how():
    answer = ask_at_terminal(Spinner(), "Deploy?", 5, standing, lines=io.StringIO("y\n"))
    assert not answer.yes and "--approve" in answer.sentence and "PREFECT_API_URL" in answer.sentence
