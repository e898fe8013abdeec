"""The course funding portal: employees apply, approvers sign, the finance office pays."""
