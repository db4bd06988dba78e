"""The bge API: records of data elements, written once, read by window and cursor."""
