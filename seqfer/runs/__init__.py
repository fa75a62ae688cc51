"""What every long computation shares: run folders and their locks, the cache of arrays, worker processes, progress on screen, devices and seeds."""
