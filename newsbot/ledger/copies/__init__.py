"""Whose copy an article is: shingles, candidates, links and clusters."""
