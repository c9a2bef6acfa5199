"""One tree of errors: each says what is wrong, what was seen, what is allowed and what to do, and travels well."""

import pickle

import pytest

from headgate import errors
from headgate.errors import HeadgateError, Refusal


def tree(root=HeadgateError):
    return [root, *(below for child in root.__subclasses__() if child.__module__ == errors.__name__
                    for below in tree(child))]


@pytest.mark.parametrize("kind", tree())
def test_an_error_survives_pickling_with_all_it_says(kind):
    said = ("It is too big.", 12, "at most 10", "Make it smaller.")
    again = pickle.loads(pickle.dumps(kind(*said)))
    assert type(again) is kind and str(again) == str(kind(*said))
    assert (again.problem, again.value, again.limit, again.remedy) == said


def test_a_message_says_what_is_known_and_nothing_else():
    assert str(HeadgateError("It is too big.", 12, "at most 10", "Make it smaller.")) == \
        "It is too big. Seen: 12. Allowed: at most 10. Make it smaller."
    assert str(HeadgateError("It is gone.")) == "It is gone."
    assert str(HeadgateError("There are too few.", 0)) == "There are too few. Seen: 0."


def test_a_no_ends_with_1_and_an_inability_with_2():
    assert {kind.__name__ for kind in tree() if kind.exit_code == 1} == {kind.__name__ for kind in tree(Refusal)}
    assert {kind.exit_code for kind in tree()} == {1, 2}


def test_the_tree_in_the_docstring_is_the_tree():
    told = [line.split("|-")[-1].split()[0] for line in errors.__doc__.splitlines() if "|-" in line]
    assert sorted(told) == sorted(kind.__name__ for kind in tree()[1:])
