"""The stages that read a question, each one idea."""
