"""Which versions there are of everything installed: known, tested, supported until when, with which faults."""
