"""The worker: it runs attempts of jobs in processes of their own, under leases."""
