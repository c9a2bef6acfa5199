"""Work in several threads: in order, and never more than a few items at once."""

import threading

import pytest

from headgate.scoring.pipeline import cores, in_order


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_answers_come_in_the_order_of_the_items(workers):
    first = threading.Event()

    def late(item):
        if item == 0 and workers > 1:
            assert first.wait(30), "the second item is worked on while the first one waits"
        first.set()
        return item * 2
    assert list(in_order(late, range(20), workers)) == list(range(0, 40, 2))


def test_only_a_few_items_are_taken_ahead_of_what_is_asked_for():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item
    answers = in_order(lambda item: item, items(), 2)
    for asked in range(50):
        assert next(answers) == asked and len(taken) <= asked + 4
    answers.close()
    assert len(taken) < 60


def test_what_a_call_or_an_item_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, [1, 0, 1], 2))

    def broken():
        yield 1
        raise KeyError("table")
    with pytest.raises(KeyError):
        list(in_order(lambda item: item, broken(), 2))


def test_there_is_always_a_worker():
    assert 1 <= cores() <= 8
