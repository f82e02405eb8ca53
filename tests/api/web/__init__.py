"""The web pages: as plain HTML, and in a real browser."""
