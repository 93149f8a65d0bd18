"""Pure functions of plain values. No input or output, no clock."""
