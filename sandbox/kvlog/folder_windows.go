package kvlog

// syncFolder has nothing to do on Windows: folders cannot be synced there, the rename is journaled by NTFS.
func syncFolder(string) error { return nil }
