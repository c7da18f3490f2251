"""Landing: a run moves from the spool into the store, also after a crash."""
