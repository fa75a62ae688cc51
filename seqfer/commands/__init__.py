"""One module per command, named like it; the module's docstring is the command's help."""
