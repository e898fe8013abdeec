"""What templates are given: one frozen dataclass a page, one module a blueprint; nothing else reaches a template."""
