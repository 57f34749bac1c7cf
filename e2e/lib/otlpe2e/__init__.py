"""The harness of the end-to-end scenarios. Standard library only."""
