"""Looks at a build: scan, inspect, trace, find, diff and report."""
