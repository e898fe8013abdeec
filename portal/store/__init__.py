"""The only SQL: keeps domain objects and gives them back; judges nothing."""
