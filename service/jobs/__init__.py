"""Jobs: trainings, from the request that creates one to its end."""
