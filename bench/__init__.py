"""Measurements: `python -m bench.page`. Figures are ratios within one run; nothing here asserts a time."""
