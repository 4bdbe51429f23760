//go:build !linux

package config

import "math"

// machineMemory returns no limit: nobody says how much memory there is.
func machineMemory() int64 { return math.MaxInt64 }
