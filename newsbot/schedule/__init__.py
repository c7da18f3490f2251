"""Starts crawls on time, one per site, and records how they ended."""
