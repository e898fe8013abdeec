"""An application after it was sent, for those it concerns: receipt, claim, follow-up."""
