"""Updates: what they change, what is kept of them, and that nothing that was acknowledged is ever lost."""
