"""Commands that show how a network learns."""
