package postgrestest

import "syscall"

// memoryFolder is a folder whose files are in memory, where there is one with
// room for a few hundred test databases; else "", the system's temporary one.
func memoryFolder() string {
	const folder, room = "/dev/shm", 4 << 30
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil || stat.Bavail*uint64(stat.Bsize) < room {
		return ""
	}
	return folder
}
