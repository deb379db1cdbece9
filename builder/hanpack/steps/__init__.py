"""Pure steps: values in, values out. Nothing here touches the disk, the clock or the environment."""
