"""The documentation of the HTTP API: Swagger UI, which works without internet access."""
