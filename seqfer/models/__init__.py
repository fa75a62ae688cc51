"""Networks and what is needed to run one: layers, weights files, features, sequence models, models of videos, and the runtimes."""
