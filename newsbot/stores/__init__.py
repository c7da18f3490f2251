"""Named objects behind one protocol, in a folder or on S3."""
