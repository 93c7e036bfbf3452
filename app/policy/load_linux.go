package policy

func load() (Found, error) { return ReadFile("/etc/fieldpay/policy.json") }
