"""Temporal heads, one file each: `build(input_dim, output_dim)` maps (batch time feature) and a mask to (batch time output)."""
