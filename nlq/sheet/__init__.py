"""The work sheet of a question: tokens, marks and the slots being filled."""
