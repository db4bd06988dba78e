"""Other services of the same two documents: what a right suite has to leave in peace."""
