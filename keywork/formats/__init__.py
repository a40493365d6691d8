"""How numbers are written in other languages (FORMAT_MODULE_PATH)."""
