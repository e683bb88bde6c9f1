"""`make bench`: measures the engine on this machine, beside the same work without the engine."""
