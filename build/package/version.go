package main

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
)

var semver = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$`)

// fourPart is the version in the form of Windows resources: four numbers. What
// follows the third, a pre-release or a commit, has no place there.
func fourPart(version string) (string, error) {
	m := semver.FindStringSubmatch(version)
	if m == nil {
		return "", fmt.Errorf("%q is not a version of the form 1.2.3", version)
	}
	for _, part := range m[1:4] {
		if _, err := strconv.ParseUint(part, 10, 16); err != nil {
			return "", fmt.Errorf("%q has a part that Windows cannot hold: %w", version, err)
		}
	}
	return m[1] + "." + m[2] + "." + m[3] + ".0", nil
}

func writeFourPart(w io.Writer, version string) error {
	four, err := fourPart(version)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, four); err != nil {
		return fmt.Errorf("writing the version: %w", err)
	}
	return nil
}
