"""Files in and out: readers, mapping, checking, import."""
