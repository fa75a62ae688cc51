"""Used by every long computation: run folders and their locks, the cache of arrays, worker processes, progress bars, devices and seeds."""
