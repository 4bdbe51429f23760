package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// net/http collects an answer in a buffer of 4,096 bytes that nobody can
// change, and so sends head and body of a larger one with two system calls,
// which are what an answer from memory costs most of. A corked connection holds
// that first bufferful back until the rest comes, and sends both at once.

// bufferful is the size of that buffer.
const bufferful = 4 << 10

// corkListener makes connections that can be corked.
type corkListener struct{ net.Listener }

func (l corkListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &corkConn{Conn: c}, nil
}

type corkKey struct{}

// withConn is for [http.Server.ConnContext]: answers find their connection.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, corkKey{}, c)
}

// corkConn is a connection on whose writes only one goroutine works at a time,
// as net/http does.
type corkConn struct {
	net.Conn
	corked bool
	held   *[bufferful]byte // nil for nothing
	pair   [2][]byte
	both   net.Buffers // pair; here, so that it is not allocated each time
}

var bufferfuls = sync.Pool{New: func() any { return new([bufferful]byte) }}

// cork has the next write held back if it is a bufferful.
func (c *corkConn) cork() { c.corked = true }

// uncork sends what is still held: an answer that is a bufferful exactly. When
// that fails the connection ends, as nobody else learns of it.
func (c *corkConn) uncork() error {
	c.corked = false
	if c.held == nil {
		return nil
	}
	_, err := c.Write(nil)
	if err != nil {
		c.Close()
	}
	return err
}

// CloseWrite is for net/http, which ends so what it answers before it has read
// all of a request: closing at once would have the client lose the answer.
func (c *corkConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *corkConn) Write(p []byte) (int, error) {
	switch {
	case c.held != nil:
		return c.writeHeldAnd(p)
	case c.corked && len(p) == bufferful:
		c.held = bufferfuls.Get().(*[bufferful]byte)
		return copy(c.held[:], p), nil
	}
	return c.Conn.Write(p)
}

// writeHeldAnd sends what is held and p with one system call.
func (c *corkConn) writeHeldAnd(p []byte) (int, error) {
	held := c.held
	c.held = nil
	c.pair = [2][]byte{held[:], p}
	c.both = c.pair[:]
	n, err := c.both.WriteTo(c.Conn)
	c.pair = [2][]byte{}
	bufferfuls.Put(held)
	return max(0, int(n)-bufferful), err
}

// writeAtOnce writes the only part of an answer's body, so that nothing of the
// answer waits any more when it returns.
func writeAtOnce(ctx context.Context, w http.ResponseWriter, p []byte) (n int, err error) {
	c, ok := ctx.Value(corkKey{}).(*corkConn)
	if !ok {
		return w.Write(p)
	}
	c.cork()
	defer func() {
		if failed := c.uncork(); err == nil {
			err = failed
		}
	}()
	if n, err = w.Write(p); err != nil {
		return n, err
	}
	return n, http.NewResponseController(w).Flush()
}
