"""Card fraud: rows of payments, what they are judged by, the queue of alerts, and what is told of them."""
