package embedded

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
)

const (
	logLimit  = 4 << 20 // bytes of a log file; there are at most two
	tailLimit = 4 << 10 // bytes of it that an error may quote
)

// A logFile keeps what postgres says, in bounds.
type logFile struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
	tail []byte
}

func openLog(path string) (*logFile, error) {
	l := &logFile{path: path}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *logFile) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening PostgreSQL's log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return fmt.Errorf("opening PostgreSQL's log: %w", err)
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write never fails: a full disk must not take postgres's own voice away.
func (l *logFile) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, text...)
	l.tail = l.tail[max(0, len(l.tail)-tailLimit):]
	if l.size+int64(len(text)) > logLimit {
		l.rotate()
	}
	if l.file != nil {
		n, _ := l.file.Write(text)
		l.size += int64(n)
	}
	return len(text), nil
}

func (l *logFile) rotate() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		os.Remove(l.path)
	}
	if err := l.open(); err != nil {
		l.file, l.size = nil, 0
	}
}

// forget begins a new tail.
func (l *logFile) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = nil
}

// recent is the last of what was said since forget.
func (l *logFile) recent() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return lastLines(l.tail)
}

func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	defer func() { l.file = nil }()
	return l.file.Close()
}

// lastLines is what fits an error message.
func lastLines(text []byte) string {
	const most = 12
	lines := strings.Split(string(bytes.TrimSpace(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
