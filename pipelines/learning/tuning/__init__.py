"""What trainers share that tune a language model: rows, base, loop, checkpoints, a look before."""
