"""Everything about talking to a Trainyard that needs no socket, no clock and no sleep.

A resource method builds a :class:`Call` (what to send, how to read the answer); a client sends it.
What is decided in between (is this worth another attempt, after which pause, where does a broken
stream go on) is decided here by functions of values, so that a synchronous and an asynchronous
client can share every line of it.
"""
