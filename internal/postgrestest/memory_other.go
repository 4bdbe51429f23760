//go:build !linux

package postgrestest

// memoryFolder is a folder whose files are in memory: only Linux has one at
// hand. "" is the system's temporary folder.
func memoryFolder() string { return "" }
