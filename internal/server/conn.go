package server

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// An answer from memory costs little but net/http's work on its head, and the
// system calls that send it. Both can be had cheaper below net/http, which goes
// on to decide how answers are framed:
//
//   - It copies, sorts and checks the fields of a header map for each answer. A
//     connection of ours adds fields that are ready to the head that net/http
//     made of the others.
//   - It collects an answer in a buffer of 4,096 bytes that nobody can change, and
//     so sends a larger one with two system calls. A corked connection of ours
//     holds that first bufferful back until the rest comes, and sends both at once.

// bufferful is the size of that buffer.
const bufferful = 4 << 10

// connListener makes connections of ours.
type connListener struct{ net.Listener }

func (l connListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

type connKey struct{}

// withConn is for [http.Server.ConnContext]: answers find their connection.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// conn is a connection on whose writes only one goroutine works at a time, as
// net/http does.
type conn struct {
	net.Conn
	corked bool
	lines  *[]byte // to add to the next head; nil for none
	held   *[]byte // back until more comes; nil for nothing
	pair   [2][]byte
	both   net.Buffers // pair; here, so that it is not allocated each time
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, bufferful+2<<10); return &b }}

// free gives back a buffer, but for one that grew much too large.
func free(b *[]byte) {
	if cap(*b) <= 4*bufferful {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

// addToHead has the head that is written next sent with these lines, and that
// of the request's id.
func (c *conn) addToHead(common, own []byte, id string) {
	if c.lines == nil {
		c.lines = buffers.Get().(*[]byte)
	}
	b := append(append((*c.lines)[:0], common...), own...)
	b = append(append(append(b, "X-Request-Id: "...), id...), "\r\n"...)
	*c.lines = b
}

// cork has the next write held back if it is a bufferful.
func (c *conn) cork() { c.corked = true }

// uncork sends what is still held: an answer that is a bufferful exactly. When
// that fails the connection ends, as nobody else learns of it.
func (c *conn) uncork() error {
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
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *conn) Write(p []byte) (int, error) {
	switch {
	case c.held != nil:
		return c.writeHeldAnd(p)
	case c.lines == nil && !(c.corked && len(p) == bufferful):
		return c.Conn.Write(p)
	}
	// A head comes in one piece with its first line, after which the lines go.
	first := 0
	b := buffers.Get().(*[]byte)
	if c.lines != nil {
		first = bytes.IndexByte(p, '\n') + 1
		*b = append(append(*b, p[:first]...), *c.lines...)
		free(c.lines)
		c.lines = nil
	}
	*b = append(*b, p[first:]...)
	if c.corked && len(p) == bufferful {
		c.held = b
		return len(p), nil
	}
	added := len(*b) - len(p)
	n, err := c.Conn.Write(*b)
	free(b)
	return max(0, n-added), err
}

// writeHeldAnd sends what is held and p with one system call.
func (c *conn) writeHeldAnd(p []byte) (int, error) {
	held := c.held
	c.held = nil
	c.pair = [2][]byte{*held, p}
	c.both = c.pair[:]
	n, err := c.both.WriteTo(c.Conn)
	c.pair = [2][]byte{}
	n = max(0, n-int64(len(*held)))
	free(held)
	return int(n), err
}

// writeAtOnce writes the only part of an answer's body, so that nothing of the
// answer waits any more when it returns.
func writeAtOnce(ctx context.Context, w http.ResponseWriter, p []byte) (n int, err error) {
	c, ok := ctx.Value(connKey{}).(*conn)
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
