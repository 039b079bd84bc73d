"""Who asks: logins, HTTP Basic, API tokens, and what keeps guessers out."""
