"""Tests of training.io."""
