"""Finding the originals of copies: shingles, candidates, links and clusters."""
