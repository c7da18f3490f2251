"""Starts crawls on time, one per site, and tells how they went."""
