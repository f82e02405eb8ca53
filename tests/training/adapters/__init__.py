"""Adapters: one lock in every library."""
