package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is a long, thin line in front of a server: what is sent arrives half a
// round trip later, and no faster than the line allows. Connections share it, as
// they do a modem.
type link struct {
	target   string
	delay    time.Duration
	listener net.Listener
	up, down *lane
	work     sync.WaitGroup
	stop     context.CancelFunc
}

// lane is one direction.
type lane struct {
	bytesPerSecond float64
	sent           atomic.Int64
	mu             sync.Mutex
	free           time.Time
}

// chunk is how much the line takes at a time; small enough that a short message
// need not wait long behind a long one.
const chunk = 1400

// startLink puts a line of so many bits a second and that round trip in front of
// target, a host and port.
func startLink(ctx context.Context, target string, roundTrip time.Duration, bits float64) (*link, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	l := &link{
		target: target, delay: roundTrip / 2, listener: listener, stop: stop,
		up: &lane{bytesPerSecond: bits / 8}, down: &lane{bytesPerSecond: bits / 8},
	}
	l.work.Go(func() { l.accept(ctx) })
	return l, nil
}

func (l *link) url() string { return "http://" + l.listener.Addr().String() }

func (l *link) close() error {
	l.stop()
	err := l.listener.Close()
	l.work.Wait()
	return err
}

func (l *link) accept(ctx context.Context) {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := (&net.Dialer{}).DialContext(ctx, "tcp", l.target)
		if err != nil {
			_ = near.Close() // the device sees a line that is cut
			continue
		}
		end := context.AfterFunc(ctx, func() { _ = errors.Join(near.Close(), far.Close()) })
		l.work.Go(func() {
			defer end()
			var both sync.WaitGroup
			both.Go(func() { l.up.carry(ctx, far, near, l.delay) })
			both.Go(func() { l.down.carry(ctx, near, far, l.delay) })
			both.Wait()
			_ = errors.Join(near.Close(), far.Close()) // both ends are through with it
		})
	}
}

// packet is on its way until it is due.
type packet struct {
	due  time.Time
	data []byte
}

// carry moves bytes until the sender ends. As much is under way as the line
// holds; the sender feels it when there is more.
func (l *lane) carry(ctx context.Context, to io.Writer, from io.Reader, delay time.Duration) {
	inFlight := int(l.bytesPerSecond*delay.Seconds())/chunk + 8
	packets := make(chan packet, inFlight)
	var deliver sync.WaitGroup
	deliver.Go(func() {
		for p := range packets {
			if !waitUntil(ctx, p.due) {
				continue
			}
			if _, err := to.Write(p.data); err != nil {
				continue // drained, so that the sender is not left hanging
			}
		}
		if c, ok := to.(*net.TCPConn); ok {
			_ = c.CloseWrite() // the other end may be gone already
		}
	})
	buffer := make([]byte, chunk)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			through := l.take(n)
			if !waitUntil(ctx, through) {
				break
			}
			packets <- packet{due: through.Add(delay), data: append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			break
		}
	}
	close(packets)
	deliver.Wait()
}

// take books the line for n bytes and returns when they are through it.
func (l *lane) take(n int) time.Time {
	l.sent.Add(int64(n))
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(n) / l.bytesPerSecond * float64(time.Second)))
	return l.free
}

func waitUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
