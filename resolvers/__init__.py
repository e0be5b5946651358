"""Reads: which rows a field stands for."""
