"""The spiders: discover, fetch, and ask the extractor what each page is."""
