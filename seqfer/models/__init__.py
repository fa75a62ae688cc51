"""Networks and everything to run them: layers, weights files, features, sequence models, video models, and the runtimes."""
