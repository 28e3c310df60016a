"""Learning: from what people said of answers to rows that something can be learnt from."""
