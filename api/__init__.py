"""Floor 4: command line and web service."""
