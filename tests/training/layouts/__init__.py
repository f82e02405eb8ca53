"""Tests of training.layouts."""
