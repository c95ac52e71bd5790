"""What several errands need; goes before each of them."""


def apart(work, seconds):
    """What work(fd) wrote, in a child of its own; None where it did not end in time."""
    loop, got = Loop(), []
    Child(loop, work, lambda output, ended: got.append(None if ended is None else output), seconds)
    while not got:
        loop.once()
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)  # the loop has used the timer that ends an errand
    return got[0]
