"""The words that questions are made of: the grammar's own, the graph's labels, records and agents."""
