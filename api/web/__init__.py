"""Web pages: complete without JavaScript, better with it; nothing is asked of another host."""
