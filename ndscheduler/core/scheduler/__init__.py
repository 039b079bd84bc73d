"""[compat] A package of release 0.3.0."""
