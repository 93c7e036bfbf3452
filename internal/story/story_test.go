package story_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"fieldpay/action"
)

func TestMain(m *testing.M) { os.Exit(database.Main(m)) }

func TestStories(t *testing.T) {
	programs := build(t)
	for _, m := range manners() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			tell(t, programs, m)
		})
	}
}

// tell runs all stories in an office of that manner.
func tell(t *testing.T, programs string, m manner) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			w, err := newWorld(programs, env.WorkDir, m)
			if err != nil {
				return err
			}
			env.Values[worldKey{}] = w
			env.Setenv("SALESPERSON", m.salesperson)
			env.Setenv("PASSWORD", m.password)
			env.Defer(w.end)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bff":      bff,
			"offline":  offline,
			"online":   online,
			"answers":  answers,
			"sign-in":  signIn,
			"app":      app,
			"invoice":  invoice,
			"cash":     cash,
			"link":     link,
			"customer": customer,
			"visit":    visit,
			"sync":     syncOnce,
			"expect":   expect,

			"hand-over": handOver,
		},
	})
}

// build compiles the programs once for all stories and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	compile := exec.Command("go", "build", "-o", folder+string(filepath.Separator),
		"fieldpay/app/cmd/fieldpayctl", "fieldpay/bff/cmd/fieldpay-bff", "fieldpay/sandbox/cmd/fieldpay-sandbox")
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("building the programs: %v\n%s", err, out)
	}
	return folder
}

type worldKey struct{}

// world is everything a story takes place in.
type world struct {
	programs, folder string
	office           *office
	network          *network
	app              *process
	// enrolled has the devices that the office has let in.
	enrolled map[string]bool
	// acts has what the story has done, by the story's names.
	acts map[string]act
	// before counts the objects of Salesforce when the office opened.
	before map[string]int
}

// act is one action of the story. object and key say where Salesforce has what
// came of it.
type act struct {
	id, object, key string
	currency        action.Currency
}

func newWorld(programs, folder string, m manner) (*world, error) {
	o, err := newOffice(programs, folder, m)
	if err != nil {
		return nil, err
	}
	n, err := newNetwork(o.host, o.url)
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	return &world{programs: programs, folder: folder, office: o, network: n, acts: map[string]act{}, enrolled: map[string]bool{}}, nil
}

// end stops what is still running.
func (w *world) end() {
	w.app.kill()
	w.network.down()
	_ = w.office.close() // only what nobody reads any more is left behind
}

func (w *world) program(name string) string { return program(w.programs, name) }

func program(folder, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(folder, name)
}

// act returns what the story called name.
func (w *world) act(ts *testscript.TestScript, name string) act {
	a, ok := w.acts[name]
	if !ok {
		ts.Fatalf("the story knows no %q", name)
	}
	return a
}

// here is the world of a running story. Stories state what happens; none of
// their words can be negated.
func here(ts *testscript.TestScript, negated bool) *world {
	if negated {
		ts.Fatalf("this cannot be negated")
	}
	w, ok := ts.Value(worldKey{}).(*world)
	if !ok {
		ts.Fatalf("the story has no world")
	}
	return w
}

// usage fails the story unless its words have the form that is wanted.
func usage(ts *testscript.TestScript, ok bool, form string) {
	if !ok {
		ts.Fatalf("write it as: %s", form)
	}
}

// environment is what the programs see: nothing of the machine's own settings,
// and no keychain.
func environment(folder string, more ...string) []string {
	home := filepath.Join(folder, "home")
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "USERPROFILE=" + home, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
		"XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "APPDATA=" + filepath.Join(home, "config"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(folder, "no-bus"), "TMPDIR=" + folder,
	}, more...)
}

func errorf(ts *testscript.TestScript, err error, doing string) {
	if err != nil {
		ts.Fatalf("%s", fmt.Errorf("%s: %w", doing, err))
	}
}
