"""Bytes by name: one protocol, in a folder or on S3."""
