package buildinfo

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Run("a build without a release says that it is one of development", func(t *testing.T) {
		if got := Version(); !strings.HasPrefix(got, "0.0.0-dev") {
			t.Errorf("Version() = %q", got)
		}
	})
	t.Run("a build with a commit names it, and that files were changed", func(t *testing.T) {
		got := develop([]debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123"},
			{Key: "vcs.modified", Value: "true"},
		})
		if want := "0.0.0-dev+0123456789ab.dirty"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("a short or missing commit does no harm", func(t *testing.T) {
		if got := develop([]debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}}); got != "0.0.0-dev+abc" {
			t.Errorf("got %q", got)
		}
		if got := develop(nil); got != "0.0.0-dev" {
			t.Errorf("got %q", got)
		}
	})
}
