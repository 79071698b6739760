"""The demo practice: plainly fictional people, some months of work, something to see on each page."""
