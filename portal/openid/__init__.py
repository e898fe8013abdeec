"""The organisation's sign-in by OpenID Connect: what the operator says of it, and the talk with its provider."""
