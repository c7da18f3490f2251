"""Every capture, shown by other programs in a browser, looks as its page looked at the time."""
