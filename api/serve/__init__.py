"""The service: one application, its workers, limits and routes."""
