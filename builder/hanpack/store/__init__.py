"""A build on disk: schemas, parts, shards, manifest, card and Croissant metadata."""
