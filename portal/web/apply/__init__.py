"""Writing an application: the form, its documents, several at once, review and sending."""
