"""Every row the portal keeps, and the only SQL. It judges nothing and calls no rule.

`find` gives None where there is nothing, and `get` raises NotFound; `for_update` locks the rows until the transaction
ends; `add` ignores the id given and gives the one that the database chose.
"""
