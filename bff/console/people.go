package console

import "fieldpay/action"

func (c *Console) showPeople(v visit) error {
	people, err := c.o.Users.UserList(v.ctx())
	if err != nil {
		return err
	}
	return c.page(v, "people.html", view{Title: "People", Place: "people", Data: people})
}

func (c *Console) disable(v visit) error { return c.setDisabled(v, true) }
func (c *Console) enable(v visit) error  { return c.setDisabled(v, false) }

// setDisabled takes a person's right to work from their next request on, or
// gives it back.
func (c *Console) setDisabled(v visit, disabled bool) error {
	if err := c.adminOnly(v); err != nil {
		return err
	}
	id := v.r.PathValue("id")
	if id == v.user.ID {
		return &action.Error{Code: action.NotPossible, Message: "Nobody locks themselves out"}
	}
	u, err := c.o.Users.UserByID(v.ctx(), id)
	if err != nil {
		return err
	}
	u.Disabled = disabled
	event, done := "user.disable", "disabled"
	if !disabled {
		event, done = "user.enable", "enabled"
	}
	if err := c.note(v.ctx(), v.user, event, id, nil); err != nil {
		return err
	}
	if _, err := c.o.Users.PutUser(v.ctx(), u); err != nil {
		return err
	}
	return back(v, "/console/people", done)
}

// reasonLine is a reason with its class.
type reasonLine struct {
	action.Reason
	Class action.Class
}

func (c *Console) showReasons(v visit) error {
	var lines []reasonLine
	for _, code := range action.Codes() {
		r, err := code.Explain()
		if err != nil {
			return err
		}
		lines = append(lines, reasonLine{r, code.Class()})
	}
	return c.page(v, "reasons.html", view{Title: "Reasons", Place: "reasons", Data: lines})
}
