"""The main job: plan, two passes over the records, assembly, publication."""
