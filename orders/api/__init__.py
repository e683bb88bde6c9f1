"""The HTTP API: it reads requests, calls the domain and presents what comes back."""
