"""The approvers' desk: the queue, the case, the signature."""
