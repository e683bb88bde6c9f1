"""What the service tells: one function per event that matters, metrics, the form of log lines."""
