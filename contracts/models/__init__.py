"""Models: what calls leave, said once for each kind of resource; pure, and of no API."""
