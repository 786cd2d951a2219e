"""What each error code means, one module a group; `sartor.codes` puts them together."""
