"""The bge API (data-element streams of the BGE private platform): specification, signature."""
