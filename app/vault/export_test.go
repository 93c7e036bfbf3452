package vault

// CheckBus reports what the system's keychain would say before it is asked.
func CheckBus(system string, getenv func(string) string, exists func(string) bool, user int) error {
	return bus{system: system, getenv: getenv, exists: exists, user: user}.check()
}
