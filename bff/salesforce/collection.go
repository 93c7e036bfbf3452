package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// flat is a record without children, which an action makes by one insert.
type flat struct {
	object string
	fields record
	// idField is the External ID of the record, id what it is there. The action's
	// own id stands in every one of them.
	idField, id string
	// creating and reading name the operations.
	creating, reading string
}

// createFlat makes one record by a call of its own.
func (c *Client) createFlat(ctx context.Context, e bff.Effect, f flat) (bff.Applied, error) {
	var made created
	err := c.call(ctx, http.MethodPost, "/sobjects/"+f.object, f.fields, &made)
	if isRefusal(err, duplicateValue) {
		var done bff.Done
		c.readFlats(ctx, []flatJob{{effect: e, flat: f, done: &done}})
		return done.Applied, done.Err
	}
	return f.made(made.ID, err)
}

// made is what came of an insert.
func (f flat) made(id string, err error) (bff.Applied, error) {
	switch {
	case err != nil:
		return bff.Applied{}, failedFor(f.creating, notDeployed, err)
	case id == "":
		return bff.Applied{}, failed(f.creating, foreignAnswer())
	default:
		return bff.Applied{ServerID: id}, nil
	}
}

// flatJob is one record of a batch, and where its answer goes.
type flatJob struct {
	effect bff.Effect
	flat   flat
	done   *bff.Done
}

// insertFlats makes records of one object in one call, each whatever becomes of
// the others.
func (c *Client) insertFlats(ctx context.Context, jobs []flatJob) {
	if len(jobs) == 0 {
		return
	}
	results, err := c.insertAll(ctx, jobs)
	if err != nil {
		alone := refusedOne(err, len(jobs))
		for _, j := range jobs {
			if alone {
				j.done.Applied, j.done.Err = c.createFlat(ctx, j.effect, j.flat)
				continue
			}
			j.done.Err = failedFor(j.flat.creating, notDeployed, err)
		}
		return
	}
	var before []flatJob
	for i, j := range jobs {
		if isRefusal(results[i].err(), duplicateValue) {
			before = append(before, j)
			continue
		}
		j.done.Applied, j.done.Err = j.flat.made(results[i].ID, results[i].err())
	}
	for len(before) > 0 {
		n := min(readBackMost, len(before))
		c.readFlats(ctx, before[:n])
		before = before[n:]
	}
}

// saved is what came of one record of a collection.
type saved struct {
	ID      string  `json:"id"`
	Success bool    `json:"success"`
	Errors  []fault `json:"errors"`
}

func (s saved) err() error {
	switch {
	case len(s.Errors) > 0:
		return &refusal{status: http.StatusBadRequest, faults: s.Errors}
	case !s.Success:
		return foreignAnswer()
	default:
		return nil
	}
}

// insertAll is the call: it answers each record by itself, in order.
func (c *Client) insertAll(ctx context.Context, jobs []flatJob) ([]saved, error) {
	body := struct {
		AllOrNone bool     `json:"allOrNone"`
		Records   []record `json:"records"`
	}{}
	for _, j := range jobs {
		r := record{"attributes": map[string]string{"type": j.flat.object}}
		for name, value := range j.flat.fields {
			r[name] = value
		}
		body.Records = append(body.Records, r)
	}
	var results []saved
	if err := c.call(ctx, http.MethodPost, "/composite/sobjects", body, &results); err != nil {
		return nil, err
	}
	if len(results) != len(jobs) {
		return nil, &action.Error{Code: action.SalesforceDown, Cause: errors.New("not every record was answered")}
	}
	return results, nil
}

// readBackMost is how many records one query names by two ids each: the address
// that holds it may have 16 KiB.
const readBackMost = 100

// flatRow is a record as it is read back. The name of its External ID depends on
// the object.
type flatRow struct {
	ID         string `json:"Id"`
	ActionID   string `json:"Action_Id__c"`
	ExternalID string `json:"External_Id__c"`
	VisitID    string `json:"Client_Visit_Id__c"`
}

// readFlats finds out what duplicates are: our own records of an earlier send, or
// ones that other actions made under the same ids.
func (c *Client) readFlats(ctx context.Context, jobs []flatJob) {
	var actions, ids []string
	for _, j := range jobs {
		actions, ids = append(actions, key(j.effect.Action.ID)), append(ids, j.flat.id)
	}
	f := jobs[0].flat
	rows, err := query[flatRow](ctx, c, "SELECT Id, "+actionID+", "+f.idField+" FROM "+f.object+
		" WHERE "+actionID+inList(actions)+" OR "+f.idField+inList(ids))
	ours, others := map[string]flatRow{}, map[string]bool{}
	for _, r := range rows {
		id := strings.ToLower(r.ExternalID + r.VisitID) // one of the two is empty
		ours[strings.ToLower(r.ActionID)], others[id] = r, true
	}
	for _, j := range jobs {
		r, made := ours[key(j.effect.Action.ID)]
		switch {
		case err != nil:
			j.done.Err = failed(f.reading, err)
		case made && !strings.EqualFold(r.ExternalID+r.VisitID, j.flat.id):
			j.done.Err = &action.Error{Code: action.ContentChanged, Op: f.reading}
		case made:
			j.done.Applied = bff.Applied{ServerID: r.ID}
		case others[strings.ToLower(j.flat.id)]:
			j.done.Err = &action.Error{Code: action.DuplicateRecord, Op: f.reading}
		default:
			j.done.Err = inFlight(f.reading)
		}
	}
}
