"""The item pipelines: normalise, dedupe, archive; each calls one newsbot package."""
