"""The review of an EHC plan: from its date to the plan that follows (domain 1.6, 5.5)."""
