"""Tests of training.care."""
