"""Places that come with intsim, and the scripts that derive them from open data."""
