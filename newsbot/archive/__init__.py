"""From the spool to the store, and back: layout, manifest, landing, snapshots, verification."""
