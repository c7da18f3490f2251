"""The item pipelines: normalise, dedupe, archive; each hands over to one newsbot package."""
