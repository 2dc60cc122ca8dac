"""What `make bench` runs: one file per subject, each measured in processes of its own."""
