"""The catalogue: every spec there is, with its JSON schema, help, bounds, defaults and equation."""
