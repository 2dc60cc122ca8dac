"""Stands in for the vendors' servers on loopback: one seeded world, its true totals, its clock."""
