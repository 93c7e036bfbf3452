package policy

import "os"

// trusted takes every file: ordinary people may not write where it lies, unless
// an administrator has let them.
func trusted(*os.File) error { return nil }
