"""The eleven delivery modules of an INT design, one file each."""
