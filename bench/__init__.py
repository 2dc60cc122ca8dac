"""What `make bench` runs: one file per subject (extract, build, gates), each measured in processes of its own."""
