"""What can be asked of the service, as pure functions from arguments to a :class:`Call`.

None knows a client or does input and output: a call is a request, and how its answer is read.
"""
