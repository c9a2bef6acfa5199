"""The question at the terminal."""

import io
import time

import pytest

from flows.launch.asking import ask_at_terminal


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


@pytest.mark.parametrize("typed, yes", [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False),
                                        ("yes please\n", False)])
def test_only_yes_is_a_yes(typed, yes, capsys):
    spinner = Spinner()
    answer = ask_at_terminal(spinner, "Deploy **2**?", 5, lines=Terminal(typed))
    assert answer.yes is yes and answer.how == "terminal" and answer.by in answer.sentence
    assert spinner.turns == ["off", "on"] and "Deploy 2?" in capsys.readouterr().err


def test_no_answer_in_time_is_a_no():
    answer = ask_at_terminal(Spinner(), "Deploy?", 0.05, lines=Silence())
    assert not answer.yes and answer.sentence == "Nobody approved it within 0.05 s."


def test_without_a_terminal_it_says_how():
    answer = ask_at_terminal(Spinner(), "Deploy?", 5, lines=io.StringIO("y\n"))
    assert not answer.yes and "--approve" in answer.sentence and "PREFECT_API_URL" in answer.sentence
