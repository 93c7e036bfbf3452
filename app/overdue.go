package app

import (
	"cmp"
	"time"

	"fieldpay/queue"
)

// How old unsent work gets before the screens tell it, where nobody says
// otherwise. A drive between two customers is shorter than the first; half a
// working day is the second.
const (
	defaultBadgeAfter  = 15 * time.Minute
	defaultNoticeAfter = 4 * time.Hour
)

// Overdue is how loudly the screens tell that work is unsent. Nothing else
// hangs on it: an action is tried for as long as it takes.
type Overdue string

// The levels, from the quietest.
const (
	NotOverdue    Overdue = ""
	OverdueBadge  Overdue = "badge"
	OverdueNotice Overdue = "notice"
)

// OverdueDTO is the level of the oldest unsent action that goes by itself, and
// when it was done; both are empty below the first level.
type OverdueDTO struct {
	Level string `json:"level"`
	Since string `json:"since"`
}

// patience is how old unsent work gets before each level.
type patience struct{ badge, notice time.Duration }

func (o DeviceOptions) patience() patience {
	return patience{badge: cmp.Or(o.BadgeAfter, defaultBadgeAfter), notice: cmp.Or(o.NoticeAfter, defaultNoticeAfter)}
}

// level is how loudly work is told that was done at done; the zero time is no
// work. A clock that was put back makes work young again, never old.
func (p patience) level(done, now time.Time) Overdue {
	age := now.Sub(done)
	switch {
	case done.IsZero() || age < min(p.badge, p.notice):
		return NotOverdue
	case age < p.notice:
		return OverdueBadge
	default:
		return OverdueNotice
	}
}

func (p patience) overdueDTO(done, now time.Time) OverdueDTO {
	level := p.level(done, now)
	if level == NotOverdue {
		return OverdueDTO{}
	}
	return OverdueDTO{Level: string(level), Since: stamp(done)}
}

// late reports whether a single action is so old that its line tells it.
func (p patience) late(i queue.Item, now time.Time) bool {
	return i.State.Unsent() && i.State != queue.Held && p.level(i.CreatedAt, now) == OverdueNotice
}
