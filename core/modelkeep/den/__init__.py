"""Models by the names that teams know them by: several named backends behind one den, as medcat-den has them."""
