"""Redis: the queue that wakes workers, live events, heartbeats, the circuit breaker."""
