package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// A lock is a file that is locked (flock(2)) for as long as a server uses the
// folder: the system lets go of it however the server ends.
type lock struct{ file *os.File }

// held is what the file says about its holder.
type held struct {
	PID int    `json:"pid"`
	URL string `json:"url,omitempty"` // once the database answers
}

var (
	errLocked    = errors.New("locked by another process")
	errNotLocked = errors.New("not locked")
)

func acquireLock(path string) (*lock, error) {
	// Not to children: a postgres must not hold it beyond its server.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	// A command that asks whether the folder is in use locks it for a moment.
	for range 20 {
		if err = tryLock(file, true); !errors.Is(err, errLocked) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if errors.Is(err, errLocked) {
		defer file.Close()
		return nil, fmt.Errorf("%w by another broadsheet%s; stop that one, or set BROADSHEET_DATA to another folder",
			ErrInUse, holder(file))
	}
	l := &lock{file}
	if err == nil {
		err = l.write(held{PID: os.Getpid()})
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return l, nil
}

func holder(file *os.File) string {
	var h held
	if err := json.NewDecoder(file).Decode(&h); err != nil || h.PID == 0 {
		return ""
	}
	return fmt.Sprintf(" (process %d)", h.PID)
}

func (l *lock) announce(url string) error { return l.write(held{PID: os.Getpid(), URL: url}) }

func (l *lock) write(h held) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	if _, err := l.file.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("writing the lock: %w", err)
	}
	return nil
}

// release leaves the file: to remove it would let two servers lock two files
// of one name.
func (l *lock) release() {
	l.file.Truncate(0)
	l.file.Close()
}

// readLock says who holds the lock.
func readLock(path string) (held, error) {
	file, err := os.Open(path)
	if err != nil {
		return held{}, err
	}
	defer file.Close()
	switch err := tryLock(file, false); {
	case err == nil:
		return held{}, errNotLocked // closing the file unlocks it
	case !errors.Is(err, errLocked):
		return held{}, err
	}
	var h held
	if err := json.NewDecoder(file).Decode(&h); err != nil {
		return held{}, fmt.Errorf("reading the lock: %w", err)
	}
	return h, nil
}
