"""What a parent or carer asks to have changed of their own details; school accepts it or says why not."""
