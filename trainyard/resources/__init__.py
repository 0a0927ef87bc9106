"""What a client offers, one module per resource of the HTTP API.

Every operation is written once, as a function from its arguments to a :class:`Call`; see ``base``.
"""
