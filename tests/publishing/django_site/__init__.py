"""A site made with Django: its models, paging, syndication feeds and sitemaps."""
