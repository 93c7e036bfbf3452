package stripe

import (
	"encoding/json"
	"net/url"
	"slices"
)

// told is an event to be: its type and the object it is about.
type told struct {
	kind   string
	object any
}

func (r *request) emitAll(events ...told) *apiError {
	for _, e := range events {
		if failed := r.emit(e.kind, e.object); failed != nil {
			return failed
		}
	}
	return nil
}

// emit files an event with a snapshot of its object, and queues its deliveries until the commit.
func (r *request) emit(kind string, object any) *apiError {
	raw, err := json.Marshal(object)
	if err != nil {
		return internal()
	}
	e := Event{ID: newID("evt_"), Object: "event", APIVersion: Version, Created: r.now.Unix(), Data: eventData{raw}, Type: kind,
		Request: eventRequest{ID: optional(r.reqID), IdempotencyKey: optional(r.key)}}
	for _, w := range r.endpoints.newest(func(w WebhookEndpoint) bool { return w.wants(kind) }) {
		d := delivery{ID: e.ID + ":" + w.ID, Event: e.ID, Type: kind, Endpoint: w.ID, URL: w.URL, Secret: w.Secret, State: pending}
		e.PendingWebhooks++
		r.queued = append(r.queued, d)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return internal()
	}
	for i := range r.queued {
		if r.queued[i].Event == e.ID {
			r.queued[i].Body = body
			put(r.tx, r.deliveries, r.queued[i].ID, r.queued[i])
		}
	}
	put(r.tx, r.events, e.ID, e)
	return nil
}

func (w WebhookEndpoint) wants(kind string) bool {
	return w.Status == "enabled" && (slices.Contains(w.EnabledEvents, "*") || slices.Contains(w.EnabledEvents, kind))
}

func getEvent(r *request) (any, *apiError) {
	e, ok := r.events.get(r.id)
	if !ok {
		return nil, missing("event", "id", r.id)
	}
	return e, nil
}

func listEvents(r *request) (any, *apiError) {
	if failed := r.allow(listing("type", "types", "delivery_success")...); failed != nil {
		return nil, failed
	}
	kinds := r.list("types")
	if one := r.text("type"); one != "" {
		kinds = append(kinds, one)
	}
	return list(r, "/v1/events", r.events, func(e Event) (string, int64) { return e.ID, e.Created },
		func(e Event) bool { return len(kinds) == 0 || slices.Contains(kinds, e.Type) })
}

func createEndpoint(r *request) (any, *apiError) {
	if failed := r.allow("url", "enabled_events", "api_version", "description", "metadata"); failed != nil {
		return nil, failed
	}
	target, err := url.Parse(r.text("url"))
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return nil, invalid("url_invalid", "url", "Invalid URL: an explicit scheme (such as https) must be provided.")
	}
	events := r.list("enabled_events")
	if len(events) == 0 {
		return nil, invalid("parameter_missing", "enabled_events", "Missing required param: enabled_events.")
	}
	if v := r.text("api_version"); v != "" && v != Version {
		return nil, invalid("", "api_version", "Invalid API version: the sandbox only speaks %s", Version)
	}
	metadata, failed := r.metadata(nil)
	if failed != nil {
		return nil, failed
	}
	w := WebhookEndpoint{ID: newID("we_"), Object: "webhook_endpoint", APIVersion: optional(r.text("api_version")), Created: r.now.Unix(),
		Description: optional(r.text("description")), EnabledEvents: events, Metadata: metadata, Secret: newID("whsec_"), Status: "enabled", URL: target.String()}
	put(r.tx, r.endpoints, w.ID, w)
	return w, nil
}

func getEndpoint(r *request) (any, *apiError) {
	w, ok := r.endpoints.get(r.id)
	if !ok {
		return nil, missing("webhook endpoint", "id", r.id)
	}
	w.Secret = ""
	return w, nil
}

func listEndpoints(r *request) (any, *apiError) {
	if failed := r.allow(listing()...); failed != nil {
		return nil, failed
	}
	all, failed := list(r, "/v1/webhook_endpoints", r.endpoints, func(w WebhookEndpoint) (string, int64) { return w.ID, w.Created },
		func(WebhookEndpoint) bool { return true })
	if p, ok := all.(page); ok {
		for i := range p.Data {
			if w, ok := p.Data[i].(WebhookEndpoint); ok {
				w.Secret = ""
				p.Data[i] = w
			}
		}
	}
	return all, failed
}

func deleteEndpoint(r *request) (any, *apiError) {
	if _, ok := r.endpoints.get(r.id); !ok {
		return nil, missing("webhook endpoint", "id", r.id)
	}
	drop(r.tx, r.endpoints, r.id)
	return map[string]any{"id": r.id, "object": "webhook_endpoint", "deleted": true}, nil
}
