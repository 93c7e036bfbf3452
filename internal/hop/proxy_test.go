package hop_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// stage is where on its way a request is when the failure comes.
type stage string

const (
	before   stage = "before it is sent on"
	midBody  stage = "in the middle of the request"
	after    stage = "after the server applied it"
	midReply stage = "in the middle of the reply"
)

// fault is one failure of the proxy.
type fault struct {
	stage stage
	// everything: all calls fail, else only those that send actions.
	everything bool
	// moreThan fails only batches of more actions.
	moreThan int
	// say makes the answer of given request and reply of the server (nil where it
	// was not asked); nil cuts the connection.
	say func(request, reply []byte) []byte
	// reset cuts hard: what is on its way is lost with the connection.
	reset bool
}

// proxy stands between device and server on a socket of its own.
type proxy struct {
	t        *testing.T
	to       string
	address  string
	tls      *tls.Config
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex
	fault *fault
	conns map[net.Conn]bool
	// struck counts the requests that the fault hit, sent those that the server
	// got as a whole.
	struck, sent int
}

// newProxy listens for a device. With a TLS configuration it speaks TLS.
func newProxy(t *testing.T, to string, secure *tls.Config) *proxy {
	t.Helper()
	p := &proxy{t: t, to: to, tls: secure, address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	p.up()
	t.Cleanup(p.down)
	return p
}

// up listens, on the same address as before.
func (p *proxy) up() {
	p.t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.listener, p.address = l, l.Addr().String()
	p.serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns[conn] = true
			p.mu.Unlock()
			p.serving.Go(func() { p.serve(conn) })
		}
	})
}

// down takes the proxy away, with its connections.
func (p *proxy) down() {
	_ = p.listener.Close() // it may be down already
	p.mu.Lock()
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.serving.Wait()
}

// set begins a failure, or ends it with nil, and returns how many requests the
// last one hit.
func (p *proxy) set(f *fault) (struck int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	struck, p.struck, p.sent, p.fault = p.struck, 0, 0, f
	return struck
}

// serve answers the requests of one connection, one after another.
func (p *proxy) serve(raw net.Conn) {
	defer func() {
		_ = raw.Close()
		p.mu.Lock()
		delete(p.conns, raw)
		p.mu.Unlock()
	}()
	conn := raw
	if p.tls != nil {
		conn = tls.Server(raw, p.tls)
	}
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		answer, keep := p.handle(req)
		if _, err := conn.Write(answer); err != nil || !keep {
			p.finish(raw, conn, answer)
			return
		}
	}
}

// finish ends a connection: hard, so that the device's kernel throws away what
// it has, or in order, with the rest of the request read first.
func (p *proxy) finish(raw, conn net.Conn, answer []byte) {
	if tcp, ok := raw.(*net.TCPConn); ok && len(answer) == 0 && p.resets() {
		_ = tcp.SetLinger(0)
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, raw)
}

func (p *proxy) resets() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault != nil && p.fault.reset
}

// handle returns what the device gets, and whether its connection goes on.
func (p *proxy) handle(req *http.Request) (answer []byte, keep bool) {
	f := p.chosen(req)
	if f != nil && f.stage == midBody && req.ContentLength > 0 {
		part, _ := io.ReadAll(io.LimitReader(req.Body, req.ContentLength/2))
		p.forwardPart(req, part)
		return f.answer(part, nil), false
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, false
	}
	if f != nil && f.moreThan > 0 && actionsIn(body) <= f.moreThan {
		f = nil
	}
	if f == nil {
		reply, err := p.forward(req, body)
		return reply, err == nil
	}
	p.mu.Lock()
	p.struck++
	p.mu.Unlock()
	var reply []byte
	if f.stage == after || f.stage == midReply {
		if reply, err = p.forward(req, body); err != nil {
			p.t.Errorf("the server gives no answer: %v", err)
			return nil, false
		}
	}
	answer = f.answer(body, reply)
	if f.stage == midReply {
		answer = answer[:bytes.Index(answer, []byte("\r\n\r\n"))+4+bodyOf(answer)/2]
	}
	return answer, false
}

func (f *fault) answer(request, reply []byte) []byte {
	if f.say == nil {
		if f.stage == midReply {
			return reply
		}
		return nil
	}
	return f.say(request, reply)
}

// bodyOf is the length of an answer's body.
func bodyOf(answer []byte) int {
	return len(answer) - bytes.Index(answer, []byte("\r\n\r\n")) - 4
}

func (p *proxy) chosen(req *http.Request) *fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil || !p.fault.everything && req.URL.Path != "/sync/actions" {
		return nil
	}
	if p.fault.stage == midBody {
		p.struck++
	}
	return p.fault
}

// actionsIn counts the actions of a request, packed or not.
func actionsIn(body []byte) int {
	var in io.Reader = bytes.NewReader(body)
	if unpacked, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
		in = unpacked
	}
	var batch struct {
		Actions []json.RawMessage `json:"actions"`
	}
	if json.NewDecoder(in).Decode(&batch) != nil {
		return 0
	}
	return len(batch.Actions)
}

// forward gives the whole request to the server and returns its whole reply.
func (p *proxy) forward(req *http.Request, body []byte) ([]byte, error) {
	conn, err := net.Dial("tcp", p.to)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.sent++
	p.mu.Unlock()
	return render(resp.StatusCode, resp.Header, reply), nil
}

// forwardPart gives the server the head of a request and a part of its body, and
// then nothing more.
func (p *proxy) forwardPart(req *http.Request, part []byte) {
	conn, err := net.Dial("tcp", p.to)
	if err != nil {
		p.t.Errorf("reaching the server: %v", err)
		return
	}
	defer func() { _ = conn.Close() }()
	var head bytes.Buffer
	head.WriteString(req.Method + " " + req.URL.RequestURI() + " HTTP/1.1\r\nHost: " + req.Host + "\r\n")
	req.Header.Set("Content-Length", itoa(int(req.ContentLength)))
	if err := req.Header.Write(&head); err != nil {
		p.t.Errorf("writing the head: %v", err)
	}
	head.WriteString("\r\n")
	head.Write(part)
	if _, err := conn.Write(head.Bytes()); err != nil {
		p.t.Errorf("reaching the server: %v", err)
	}
}

// render writes an answer as bytes.
func render(status int, header http.Header, body []byte) []byte {
	var out bytes.Buffer
	out.WriteString("HTTP/1.1 " + itoa(status) + " " + http.StatusText(status) + "\r\n")
	header = header.Clone()
	header.Del("Transfer-Encoding")
	header.Set("Content-Length", itoa(len(body)))
	_ = header.Write(&out) // a buffer takes everything
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes()
}
