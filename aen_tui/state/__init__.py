"""What is known now, in memory, without I/O: one writer, immutable snapshots, bounded rings, log books."""
