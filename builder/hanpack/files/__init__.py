"""Everything that touches the disk: sources, shards, manifest, card."""
