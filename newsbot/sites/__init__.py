"""Sites as data: the seeds, their validation, and when each site is due."""
