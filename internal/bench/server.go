package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"fieldpay/bff/postgres/pgtest"
)

// server is a measured server in a process of its own.
type server struct {
	url, token string
	http       *http.Client
	cmd        *exec.Cmd
}

// serverOn starts a server on a store, or returns the one that runs.
func (b *bench) serverOn(ctx context.Context, store string) (*server, error) {
	if s := b.servers[store]; s != nil {
		return s, nil
	}
	address := store
	if store == "postgres" {
		var err error
		if address, err = b.database(); err != nil {
			return nil, err
		}
	}
	s, err := b.startServer(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("starting a server on %s: %w", store, err)
	}
	b.servers[store] = s
	return s, nil
}

// database is a PostgreSQL of this run alone.
func (b *bench) database() (string, error) {
	database := pgtest.New()
	b.onClose(database.Stop)
	url, drop, err := database.Place()
	if err != nil {
		return "", fmt.Errorf("PostgreSQL: %w", err)
	}
	b.onClose(drop)
	return url, nil
}

func (b *bench) startServer(ctx context.Context, store string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	dir, err := b.folder("server")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, serverRole, store, dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.onClose(func() error { return errors.Join(in.Close(), cmd.Wait()) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("waiting for its address: %w", err)
	}
	s := &server{
		url: strings.TrimSpace(line), cmd: cmd,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 2 * time.Minute},
	}
	b.onClose(func() error { s.http.CloseIdleConnections(); return nil })
	return s, s.signIn(ctx)
}

func (s *server) signIn(ctx context.Context) error {
	credentials := fmt.Sprintf(`{"username":%q,"password":%q}`, userLogin, userPassword)
	body, err := s.post(ctx, "/auth/login", []byte(credentials))
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	var answer struct {
		Tokens struct {
			AccessToken string `json:"accessToken"`
		} `json:"tokens"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("reading the tokens: %w", err)
	}
	s.token = answer.Tokens.AccessToken
	return nil
}

func (s *server) post(ctx context.Context, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %.200s", path, resp.Status, answer)
	}
	return answer, err
}

// peak is the most memory that a process had at once, in MiB. The kernel forgets
// it when the process ends.
func peak(pid int) (float64, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, fmt.Errorf("reading the memory of a process: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak memory of a process")
}
