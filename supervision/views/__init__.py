"""Pages of supervision: the agenda and packs, and handing a client over."""
