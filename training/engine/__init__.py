"""Batches at the speed of decoding: blocks inflated once, straight into the slots of the batches that want them."""
