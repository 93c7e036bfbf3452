package wailshost

import (
	"strings"

	"github.com/rs/zerolog"
	"github.com/wailsapp/wails/v2/pkg/logger"
)

// windowLog passes the window's errors to our log without what follows their
// first colon: that may be the text of a call, with a customer's data in it.
type windowLog struct{ log zerolog.Logger }

var _ logger.Logger = windowLog{}

// Print drops the message.
func (windowLog) Print(string) {}

// Trace drops the message.
func (windowLog) Trace(string) {}

// Debug drops the message.
func (windowLog) Debug(string) {}

// Info drops the message.
func (windowLog) Info(string) {}

// Warning drops the message.
func (windowLog) Warning(string) {}

// Error logs what kind of error it was.
func (l windowLog) Error(message string) { l.log.Error().Str("window", kind(message)).Msg("window") }

// Fatal logs what kind of error it was; the window ends the process itself.
func (l windowLog) Fatal(message string) {
	l.log.Error().Str("window", kind(message)).Msg("window failed")
}

func kind(message string) string {
	kind, _, _ := strings.Cut(message, ":")
	return kind[:min(len(kind), 64)]
}
