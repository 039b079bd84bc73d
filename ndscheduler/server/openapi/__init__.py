"""The description of the API, in OpenAPI 3.1: what is served, to whom, what goes in and out."""
