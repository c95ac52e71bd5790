"""What the user wrote: the inventory, targets on a command line, and where files live."""
