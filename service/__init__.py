"""The HTTP service and its jobs: routers over repositories over one database."""
