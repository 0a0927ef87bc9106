"""The life cycle of a job: its status, the transitions between statuses, and a worker's lease."""
