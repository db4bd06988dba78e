"""Other services of the same documents: what a right suite has to leave in peace."""
