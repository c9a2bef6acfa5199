"""Tell every channel what it has not been told yet."""

from headgate.notices.memory import remembering


def tell(workspace, notice, channels, *, notify=None, deliver=None):
    """Send `notice` to those channels for which it is a change of state; return {name: None, or what went wrong}.

    notify : the spec's, whose `on` says which kinds are wanted; what is not wanted is remembered all the same, so
        that the next change is one. Where the notice itself is not wanted, or no news, one that it covers may be, and
        is sent in its place. A channel that failed is told again when the state is next announced.
    """
    if deliver is None:
        from headgate.notices.deliver import deliver
    with remembering(workspace, notice.model) as memory:
        states = (notice, *notice.covers)
        wanted = [state for state in states if notify is None or notify.on is None or state.kind in notify.on]
        found = ((one, next((state for state in wanted if memory.is_news(one.name, state)), None)) for one in channels)
        letters = [(one, state) for one, state in found if state is not None]
        outcome = deliver(letters) if letters else {}
        for one in channels:
            if outcome.get(one.name) is None:
                for state in states:
                    memory.keep(one.name, state)
    return outcome
