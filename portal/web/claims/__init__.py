"""What is paid of a grant: actual costs, the invoice, and finance's list."""
