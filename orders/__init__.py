"""Order Execution Engine: the domain, its HTTP API, its streams and its simulated market."""
