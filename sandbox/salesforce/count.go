package salesforce

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Route implements control.Provider: the version and all ids taken out.
func (s *Server) Route(r *http.Request) string {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for i, seg := range segments {
		switch {
		case isVersion(seg):
			segments[i] = "v"
		case i >= 5 && len(segments) == 7:
			segments[6] = "{value}"
		case i == 5 && segments[3] == "sobjects" && seg != "describe" && len(segments) == 6:
			segments[i] = "{id}"
		case i == 4 && segments[3] == "query":
			segments[i] = "{locator}"
		}
	}
	return r.Method + " /" + strings.Join(segments, "/")
}

// Objects implements control.Provider: the objects that the path, the query or the body speaks of.
func (s *Server) Objects(r *http.Request, body []byte) []string {
	found := map[string]bool{}
	for _, text := range []string{r.URL.Path, r.URL.Query().Get("q"), string(body)} {
		for _, m := range s.mention.FindAllStringSubmatch(text, -1) {
			for _, name := range m[1:] {
				if o := s.schema.object(name); o != nil {
					found[o.name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
