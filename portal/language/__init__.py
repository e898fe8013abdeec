"""What turns a value into words: money, days, numbers, statuses, acts and findings, alike wherever they are read."""
