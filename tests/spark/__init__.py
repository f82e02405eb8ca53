"""The scenes tier on Spark."""
