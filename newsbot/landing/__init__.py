"""The way of a run from the spool into the store, and what is done after a crash."""
