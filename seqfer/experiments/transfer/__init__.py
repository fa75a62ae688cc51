"""`seqfer transfer`: a trained model on another corpus, its later layers retrained in stages."""
