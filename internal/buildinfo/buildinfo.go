// Package buildinfo knows which build is running. All programs of the module
// carry one version; [Version] is what they print, log and send.
//
// A release sets it with
//
//	-ldflags "-X fieldpay/internal/buildinfo.release=1.2.3"
//
// and any other build describes itself by its commit, where Go recorded one.
package buildinfo

import (
	"runtime/debug"
	"strings"
)

// release and releaseKeys are set by the linker and never by code.
var release, releaseKeys string

// ReleaseKeys are the keys that sign new versions of this build, as
// release.ParseKeys reads them. Empty means that it believes nobody.
func ReleaseKeys() string { return releaseKeys }

// Version returns the released version, or "0.0.0-dev" with the commit that
// was built, e.g. "0.0.0-dev+1a2b3c4d5e6f" (with ".dirty" for changed files).
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return develop(nil)
	}
	return develop(info.Settings)
}

// develop describes a build that is no release by its recorded settings.
func develop(settings []debug.BuildSetting) string {
	var commit, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ".dirty"
		}
	}
	if commit == "" {
		return "0.0.0-dev"
	}
	return strings.Join([]string{"0.0.0-dev", commit[:min(12, len(commit))] + dirty}, "+")
}
