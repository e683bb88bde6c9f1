"""The HTTP API and operators' commands: reads requests, calls the domain, presents the results."""
