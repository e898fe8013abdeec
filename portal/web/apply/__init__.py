"""Writing an application: the form, its evidence, several at once, review and sending."""
