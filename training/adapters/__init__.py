"""One lock in every library: batches for torch, Lightning, scikit-learn, TensorFlow, Hugging Face and others."""
