"""What `make bench` runs: one file per subject (extract, identity, build, gates), each in processes of its own."""
