"""What columns mean: looked at in the rows themselves, before anything is learned from them."""
