"""The commands of newsbot, run as a user runs them."""
