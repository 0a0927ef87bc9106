"""Events of jobs by sequence number, as pages and as streams: epochs, checkpoints, transitions."""
