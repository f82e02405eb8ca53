"""Floor 4: the command line, and the service with its pages, protocols and assistants."""
