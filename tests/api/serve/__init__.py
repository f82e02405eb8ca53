"""The core of the service: workers, turns, connections, queries that mean harm."""
