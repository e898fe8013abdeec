"""What heads have to do with applications: their word on the counter-financing, and what they stand for in a year."""
