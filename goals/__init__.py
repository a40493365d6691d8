"""Personal goals with Goal Attainment Scaling (domain 2.5), and what bears on each outcome of the EHC plan (2.6)."""
