"""Tell every channel what it has not been told yet."""

from headgate.notices.memory import remembering


def tell(workspace, notice, channels, *, notify=None, deliver=None):
    """Send `notice` to those channels for which it is a change of state; return {name: None, or what went wrong}.

    notify : the spec's, whose `on` says which kinds are wanted; what is not wanted is remembered all the same, so
        that the next change is one. A channel that failed is told again when the state is next announced.
    """
    if deliver is None:
        from headgate.notices.deliver import deliver
    with remembering(workspace, notice.model) as memory:
        news = [one for one in channels if memory.is_news(one.name, notice)]
        wanted = notify is None or notify.on is None or notice.kind in notify.on
        outcome = deliver(news, notice) if wanted and news else {}
        for one in channels:
            if outcome.get(one.name) is None:
                memory.keep(one.name, notice)
    return outcome
