"""What forecasts of demand are judged by."""
