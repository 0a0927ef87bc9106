"""What is sent and received over HTTP, one file per resource; specs come from the engine."""
