package kiosk

import "io/fs"

// LookAt looks at a world that a test has made.
func LookAt(system string, root fs.FS, env map[string]string, user int, programs ...string) []Finding {
	return world{
		system: system, root: root, env: func(name string) string { return env[name] }, user: user,
		programs: func() ([]string, error) { return programs, nil },
	}.look()
}
