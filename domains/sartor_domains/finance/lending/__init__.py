"""What a lender decides: cut-offs, what a decision is worth, reasons, and simple rules to compare with."""
