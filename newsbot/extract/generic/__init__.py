"""What is found by evidence alone, without a site's rules."""
