"""Floor 3: answers -> selection -> streams -> adapters."""
