"""The handbook's one model: load the records and pages, check them, render them, publish them."""
