package queue

// Event is what moves an action from one state to another.
type Event string
