"""Tests of the question room: reading, compiling, answering."""
