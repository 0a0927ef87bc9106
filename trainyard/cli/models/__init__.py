"""Commands about models: what jobs make."""
