"""A room that the service does not have: the tags of its jobs, each with how often it is used."""
