"""The HTTP API: reads requests, calls the domain and presents the results."""
