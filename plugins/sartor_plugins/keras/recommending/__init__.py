"""Networks that recommend: what comes next in a sequence of items, and users and items as points."""
