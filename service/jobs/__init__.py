"""Where jobs run: one attempt, its lease, the processes that train, the feed of what happened."""
