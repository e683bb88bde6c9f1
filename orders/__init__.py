"""The order execution engine: its domain, HTTP API, live streams and simulated market."""
