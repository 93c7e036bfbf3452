package release

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// form is that of https://semver.org, without needless zeros in front.
var form = regexp.MustCompile(`^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z.-]+))?$`)

// Valid reports whether version can be compared.
func Valid(version string) bool { return len(version) < 100 && form.MatchString(version) }

// Compare orders two versions as https://semver.org does: -1 when a comes
// before b, 0 when neither does, which leaves builds of one version alone. What
// is no version comes before all that are.
func Compare(a, b string) int {
	left, right := form.FindStringSubmatch(a), form.FindStringSubmatch(b)
	if left == nil || right == nil {
		return cmp.Compare(len(left), len(right))
	}
	for i := 1; i <= 3; i++ {
		if c := compareNumbers(left[i], right[i]); c != 0 {
			return c
		}
	}
	switch {
	case left[4] == right[4]:
		return 0
	case left[4] == "": // a release comes after its previews
		return 1
	case right[4] == "":
		return -1
	}
	return comparePreviews(strings.Split(left[4], "."), strings.Split(right[4], "."))
}

func comparePreviews(a, b []string) int {
	for i := range min(len(a), len(b)) {
		_, aText := strconv.ParseUint(a[i], 10, 64)
		_, bText := strconv.ParseUint(b[i], 10, 64)
		c := 0
		switch {
		case aText == nil && bText == nil:
			c = compareNumbers(a[i], b[i])
		case aText == nil: // numbers come before words
			c = -1
		case bText == nil:
			c = 1
		default:
			c = cmp.Compare(a[i], b[i])
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareNumbers compares digits; a longer number is a larger one.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
