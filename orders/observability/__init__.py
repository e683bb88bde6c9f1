"""Observability: one function per event that matters, the metrics, the form of log lines."""
