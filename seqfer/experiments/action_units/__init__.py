"""`seqfer evaluate-aus`: estimates of action units against the labels of coders; labels of DISFA and BP4D, and tables of one's own."""
