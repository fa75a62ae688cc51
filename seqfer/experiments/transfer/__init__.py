"""`seqfer transfer`: retrains a trained model on another corpus, its later layers in stages."""
