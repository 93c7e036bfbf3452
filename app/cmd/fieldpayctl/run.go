package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"

	"fieldpay/action"
	"fieldpay/app"
	"fieldpay/app/policy"
	"fieldpay/internal/buildinfo"
	"fieldpay/queue"
)

// The exit codes.
const (
	exitDone    = 0
	exitPerson  = 1
	exitUsage   = 2
	exitOffline = 3
	exitSignIn  = 4
	exitDamaged = 5
)

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
	// policy finds what the company has settled; nil is nothing.
	policy func() (policy.Found, error)
}

// commands is the command line.
type commands struct {
	DataDir string           `help:"Folder of everything the device keeps (also FIELDPAY_DATA_DIR)." placeholder:"DIR"`
	BFF     string           `name:"bff" help:"Address of the server (also FIELDPAY_BFF)." placeholder:"URL"`
	Verbose bool             `help:"Log to standard error."`
	Version kong.VersionFlag `help:"Print the version and exit."`

	SignIn   signIn        `cmd:"" help:"Sign a person in."`
	SignOut  signOut       `cmd:"" help:"Sign the person out."`
	Enrol    enrol         `cmd:"" help:"Make this device known to the server by a code of the office."`
	Journal  journalGroup  `cmd:"" help:"Append to the journal and look into it."`
	Sync     syncCommand   `cmd:"" help:"Send what is due."`
	HandOver handOverGroup `cmd:"" name:"hand-over" help:"Take unsent work off a device that cannot send it."`
	Status   statusCmd     `cmd:"" help:"Show the connection and what is unsent."`
	Serve    serve         `cmd:"" help:"Serve the screens to a browser on this machine."`
	Doctor   doctor        `cmd:"" help:"Check settings, key, journal and the way to the server."`
	Bundle   bundleCmd     `cmd:"" help:"Save what support asks for, without customer data."`
	Explain  explain       `cmd:"" help:"Say what a reason means, who can help and how; without a network."`

	Update updateGroup `cmd:"" help:"Look for a new version and install it."`

	Completion completion `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Man        man        `cmd:"" hidden:"" help:"Print the manual page."`
}

// stateWords are the states for a help text, and for checking a flag.
func stateWords(separator string) string {
	words := make([]string, 0, len(queue.States()))
	for _, state := range queue.States() {
		words = append(words, string(state))
	}
	return strings.Join(words, separator)
}

// newParser reads command lines into cli. ended is called when one was answered
// by the parser itself, as --help is.
func newParser(cli *commands, c console, ended func()) (*kong.Kong, error) {
	parser, err := kong.New(cli, kong.Name("fieldpayctl"),
		kong.Description("The console of FieldPay: its journal, its sending and its screens, with or without the window open."),
		kong.ShortUsageOnError(), kong.ConfigureHelp(kong.HelpOptions{WrapUpperBound: 100}),
		kong.Vars{
			"version": "fieldpayctl " + buildinfo.Version(), "states": stateWords(", "), "statesEnum": stateWords(","),
		},
		kong.Writers(c.out, c.err), kong.Exit(func(int) { ended() }))
	if err != nil {
		return nil, fmt.Errorf("describing the command line: %w", err)
	}
	return parser, nil
}

// session is what a command runs with.
type session struct {
	console
	config app.Config
	// company is the policy that the settings are under.
	company policy.Found
	log     zerolog.Logger
	// verbose says that log goes to standard error, and is not silent.
	verbose bool
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, c console) int {
	var cli commands
	ended := false // by --help or --version, which print and would exit
	parser, err := newParser(&cli, c, func() { ended = true })
	if err != nil {
		fmt.Fprintln(c.err, "fieldpayctl:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	switch {
	case ended:
		return exitDone
	case err != nil:
		fmt.Fprintf(c.err, "fieldpayctl: %v\n  See: fieldpayctl %s--help\n", err, reached(err))
		return exitUsage
	}
	s := &session{console: c, log: zerolog.Nop(), verbose: cli.Verbose}
	if cli.Verbose {
		s.log = zerolog.New(c.err).With().Timestamp().Logger()
	}
	if err = s.configure(app.Flags{DataDir: cli.DataDir, BFF: cli.BFF}); err == nil {
		parsed.BindTo(ctx, (*context.Context)(nil))
		err = parsed.Run(s)
	}
	if err == nil {
		return exitDone
	}
	s.tell(err)
	return exitOf(err)
}

// reached is the command that a wrong line got as far as, with a blank after it.
func reached(err error) string {
	wrong, ok := errors.AsType[*kong.ParseError](err)
	if !ok || wrong.Context == nil || wrong.Context.Selected() == nil {
		return ""
	}
	path, _, _ := strings.Cut(wrong.Context.Command()+" ", "<")
	return strings.TrimSpace(path) + " "
}

// configure finds the settings, under those of the company.
func (s *session) configure(flags app.Flags) error {
	config, err := app.Configure(flags, s.getenv)
	if err != nil {
		return err
	}
	if s.policy != nil {
		if s.company, err = s.policy(); err != nil {
			return err
		}
	}
	s.config = config.Under(s.company)
	return nil
}

// personNeeded ends a command whose result needs a person; everything worth
// saying was said.
var _ error = personNeeded{}

type personNeeded struct{}

// Error is never shown.
func (personNeeded) Error() string { return "something needs a person" }

// tell writes an error for people: the sentence, what to do, the wrong fields.
// Causes are for the log.
func (s *session) tell(err error) {
	s.log.Error().Err(err).Str("code", string(action.CodeOf(err))).Msg("failed")
	if errors.As(err, new(personNeeded)) {
		return
	}
	e, ok := errors.AsType[*action.Error](err)
	if !ok {
		fmt.Fprintln(s.err, "fieldpayctl:", err)
		return
	}
	fmt.Fprintln(s.err, "fieldpayctl:", action.MessageOf(err))
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(s.err, "  %s %s\n", field, e.Fields[field])
	}
	if e.Hint != "" {
		fmt.Fprintln(s.err, "  "+e.Hint)
	}
}

// exitOf maps an error onto the exit code.
func exitOf(err error) int {
	code := action.CodeOf(err)
	switch code.Class() {
	case action.NoPath, action.PortalSeen, action.Transient:
		return exitOffline
	case action.SignIn, action.Barred:
		return exitSignIn
	case action.Unknown:
		if code == action.AnswerLost {
			return exitOffline
		}
		return exitPerson
	}
	switch code {
	case action.JournalDamaged, action.KeyMissing:
		return exitDamaged
	case action.BadRequest:
		return exitUsage
	default:
		return exitPerson
	}
}

// open opens the data folder; the caller closes it.
func (s *session) open(ctx context.Context) (*app.Device, error) {
	return app.OpenDevice(ctx, s.device())
}

func (s *session) device() app.DeviceOptions {
	return app.DeviceOptions{Config: s.config, Logger: s.log}
}

// with runs do on the opened data folder.
func (s *session) with(ctx context.Context, do func(*app.Device) error) error {
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.Close())
}

// print writes v as one line of JSON.
func (s *session) print(v any) error {
	if err := json.NewEncoder(s.out).Encode(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// say writes a line for people.
func (s *session) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(s.out, format+"\n", args...); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
