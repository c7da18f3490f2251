"""The spiders: discover URLs, fetch pages, and have them extracted."""
