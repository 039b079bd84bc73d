"""What is done to accounts, logins and API tokens; knows no web server."""
