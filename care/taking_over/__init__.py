"""A new keyworker says that they have read what there is to know: the EHC plan, the plans in force, the hand-over note."""
