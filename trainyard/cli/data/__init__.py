"""Commands about data, and what networks are made of."""
