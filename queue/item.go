package queue

import (
	"time"

	"fieldpay/action"
)

// Item is an action with what has become of it.
type Item struct {
	action.Action
	State State     `json:"state"`
	Since time.Time `json:"since"`
	// Attempt counts the sends that the server answered with "not now".
	Attempt int `json:"attempt,omitempty"`
	// NextAt is when a waiting action is sent again.
	NextAt time.Time `json:"nextAt,omitzero"`
	// BlockedBy is the id of the action that must go first.
	BlockedBy string `json:"blockedBy,omitempty"`
	// ReplacedBy is the id of the action that a person edited this one into.
	ReplacedBy string `json:"replacedBy,omitempty"`
	// Outcome is the last answer of the server about this action.
	Outcome *action.Outcome `json:"outcome,omitempty"`
	// Hash is the short form of the action's link in the chain, for receipts.
	Hash string `json:"hash"`
}

// Step is one line of an action's history.
type Step struct {
	At       time.Time   `json:"at"`
	Event    Event       `json:"event"`
	From     State       `json:"from,omitempty"`
	To       State       `json:"to"`
	Code     action.Code `json:"code,omitempty"`
	Message  string      `json:"message,omitempty"`
	By       string      `json:"by,omitempty"`
	Attempt  int         `json:"attempt,omitempty"`
	Position int64       `json:"position"`
}
