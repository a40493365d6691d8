"""What Keywork claims about speed, measured as ratios in one run. `make bench`; see bench/README.md."""
