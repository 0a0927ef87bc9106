"""The compiler: its configuration, its cache on the disk, and what every kernel is built from."""
