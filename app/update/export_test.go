package update

// Unpack unfolds an archive into a folder.
func Unpack(archive, folder string) error { return unpack(archive, folder) }
