// Package pgtest gives tests a real PostgreSQL. A package of tests has one
// server, started by the first test that asks for a database and stopped after
// the last:
//
//	var server = pgtest.New()
//
//	func TestMain(m *testing.M) { os.Exit(server.Main(m)) }
//
//	func TestX(t *testing.T) { … server.Database(t) … }
//
// With FIELDPAY_TEST_POSTGRES set to the URL of a database, that one is used.
// Else the server is a private one, in a temporary folder and on a free port of
// loopback, run from Debian's package postgresql. Where there is neither, tests
// fail: a store that was not tried is not known to work.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// patience is how long the server may take to start, or to stop.
	patience = time.Minute
	// account runs the server when the tests run as root, whom it refuses.
	account = "postgres"
)

// Server is a PostgreSQL for the tests of one package.
type Server struct {
	once    sync.Once
	url     string
	err     error
	folder  string
	process *exec.Cmd
	ended   chan error
}

// New returns a server that was not started yet.
func New() *Server { return &Server{} }

// Main runs the tests, stops the server and returns the exit code.
func (s *Server) Main(m *testing.M) int {
	code := m.Run()
	if err := s.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(code, 1)
	}
	return code
}

// Database returns the URL of an empty place in the server, dropped when the
// test ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	place, drop, err := s.Place()
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("PostgreSQL: %v", err)
		}
	})
	return place
}

// Place is Database for a program that is no test: it returns the URL of a
// schema of its own, and what drops that. Such a program calls Stop at its end.
func (s *Server) Place() (place string, drop func() error, err error) {
	s.once.Do(func() { s.url, s.err = s.start() })
	if s.err != nil {
		return "", nil, s.err
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return "", nil, errors.New("FIELDPAY_TEST_POSTGRES is not a URL")
	}
	// The time tells apart runs that share a server that was given.
	schema := "test_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if err := execute(context.Background(), s.url, "CREATE SCHEMA "+schema); err != nil {
		return "", nil, err
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String(), func() error { return execute(context.Background(), s.url, "DROP SCHEMA "+schema+" CASCADE") }, nil
}

func execute(ctx context.Context, url, statement string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

func (s *Server) start() (string, error) {
	if given := os.Getenv("FIELDPAY_TEST_POSTGRES"); given != "" {
		return given, nil
	}
	programs, err := programs()
	if err != nil {
		return "", err
	}
	if s.folder, err = os.MkdirTemp("", "fieldpay-postgres"); err != nil {
		return "", err
	}
	if err := own(s.folder); err != nil {
		return "", err
	}
	data := filepath.Join(s.folder, "data")
	// The folder is as new as the machine's last second: nothing to keep yet.
	initdb := as(filepath.Join(programs, "initdb"), "-D", data, "-U", account, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir = s.folder
	if said, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w\n%s", err, said)
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	return s.run(filepath.Join(programs, "postgres"), data, port)
}

// run starts the server and waits until it takes connections. It keeps fsync,
// because what the tests are about is durable.
func (s *Server) run(program, data, port string) (string, error) {
	said := &bytes.Buffer{}
	s.process = as(program, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+s.folder, "-c", "max_connections=200", "-c", "fsync=on")
	s.process.Dir, s.process.Stdout, s.process.Stderr = s.folder, said, said
	if err := s.process.Start(); err != nil {
		return "", fmt.Errorf("starting the server: %w", err)
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- s.process.Wait() }()
	address := "postgres://" + account + "@127.0.0.1:" + port + "/postgres?sslmode=disable"
	ready := time.NewTicker(50 * time.Millisecond)
	defer ready.Stop()
	late := time.After(patience)
	for {
		select {
		case err := <-s.ended:
			s.ended <- err
			return "", fmt.Errorf("the server ended: %v\n%s", err, said)
		case <-late:
			return "", fmt.Errorf("the server takes no connections after %v", patience)
		case <-ready.C:
			if execute(context.Background(), address, "SELECT 1") == nil {
				return address, nil
			}
		}
	}
}

// Stop ends the server if it was started here.
func (s *Server) Stop() error {
	var errs []error
	if s.ended != nil {
		// Interrupt means: end now and cut the connections, but in good order.
		errs = append(errs, s.process.Process.Signal(syscall.SIGINT))
		select {
		case <-s.ended:
		case <-time.After(patience):
			errs = append(errs, errors.New("the server did not stop"), s.process.Process.Kill())
		}
	}
	if s.folder != "" {
		errs = append(errs, os.RemoveAll(s.folder))
	}
	return errors.Join(errs...)
}

// programs finds the folder of the newest PostgreSQL that is installed. Debian
// keeps it off the path.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("it is not installed: install the package postgresql, or set FIELDPAY_TEST_POSTGRES to the URL of a database for tests")
	}
	slices.SortFunc(found, func(a, b string) int { return major(a) - major(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func major(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// as is a command that does not run as root and ends with the tests, however
// they end.
func as(program string, args ...string) *exec.Cmd {
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		return exec.Command(program, args...)
	}
	become := []string{"--pdeathsig=INT"}
	if os.Getuid() == 0 {
		become = append(become, "--reuid="+account, "--regid="+account, "--init-groups")
	}
	return exec.Command(setpriv, append(append(become, "--", program), args...)...)
}

// own gives the folder to the account that the server runs as.
func own(folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	if said, err := exec.Command("chown", account+":", folder).CombinedOutput(); err != nil {
		return fmt.Errorf("giving the folder to %s: %w: %s", account, err, said)
	}
	return nil
}

// freePort is a port that was free a moment ago.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
