"""Bringing back single files that are bad or missing: from another cache, an archive or a hub, checked on arrival."""
