"""Models as zip archives, in Dataiku DSS's format: written strictly, read liberally."""
