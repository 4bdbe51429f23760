package config

import (
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// machineMemory returns the bytes of memory that the program can have at most:
// the machine's, or less in a container with a limit.
func machineMemory() int64 {
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return math.MaxInt64
	}
	memory := int64(info.Totalram) * int64(info.Unit)
	limit, err := os.ReadFile("/sys/fs/cgroup/memory.max") // "max" where there is none
	if err != nil {
		return memory
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(string(limit)), 10, 64); err == nil && n < memory {
		return n
	}
	return memory
}
