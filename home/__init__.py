"""What students, parents and carers find on pages of their own: their turn, their sheets, how they feel."""
