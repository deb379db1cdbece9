"""Who runs the flow: this process, local processes, a Ray cluster. Every engine runs the same function."""
