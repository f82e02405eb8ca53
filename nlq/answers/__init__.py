"""What was found, in words: forms of answers, rows, values, and why nothing was found."""
