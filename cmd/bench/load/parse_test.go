package load_test

import (
	"strings"
	"testing"
	"time"

	"broadsheet/cmd/bench/load"
)

const wrkPrinted = `Running 2s test @ http://127.0.0.1:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms    1.19ms  25.46ms   93.23%
    Req/Sec    46.75k     4.50k   53.01k    70.00%
  Latency Distribution
     50%  831.00us
     75%    1.05ms
     90%    1.71ms
     99%    6.42ms
  93042 requests in 2.00s, 345.33MB read
Requests/sec:  46521.07
Transfer/sec:    172.66MB
`

func TestParseWrk(t *testing.T) {
	t.Parallel()
	whole := load.Sample{Requests: 93042, Rate: 46521.07, P50: 831 * time.Microsecond, P99: 6420 * time.Microsecond}
	wrong := whole
	wrong.Errors = 1 + 2 + 3 + 4 + 50
	wrong.Problems = "Socket errors: connect 1, read 2, write 3, timeout 4 Non-2xx or 3xx responses: 50"
	slow := whole
	slow.P50, slow.P99 = 1100*time.Millisecond, time.Minute
	tests := []struct {
		name, printed string
		want          load.Sample
		wantErr       bool
	}{
		{"all well", wrkPrinted, whole, false},
		{"errors", strings.Replace(wrkPrinted, "MB read\n",
			"MB read\n  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 50\n", 1), wrong, false},
		{"other units", strings.NewReplacer("831.00us", "  1.10s", "6.42ms", "1.00m").Replace(wrkPrinted), slow, false},
		{"nobody there", "unable to connect to 127.0.0.1:1 Connection refused\n", load.Sample{}, true},
		{"no answers", strings.Replace(wrkPrinted, "93042 requests", "0 requests", 1), load.Sample{}, true},
		{"without --latency", strings.Replace(wrkPrinted, "50%", "51%", 1), load.Sample{}, true},
		{"a number that is none", strings.Replace(wrkPrinted, "46521.07", "many", 1), load.Sample{}, true},
		{"nothing", "", load.Sample{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := load.ParseWrk(tt.printed)
			if got != tt.want || (err != nil) != tt.wantErr {
				t.Errorf("got %+v and error %v, want %+v and an error: %t", got, err, tt.want, tt.wantErr)
			}
		})
	}
}

func FuzzParseWrk(f *testing.F) {
	f.Add(wrkPrinted)
	f.Add("Socket errors: connect")
	f.Add("Non-2xx or 3xx responses:")
	f.Add("Requests/sec:\n50%\n requests in")
	f.Fuzz(func(t *testing.T, printed string) {
		if s, err := load.ParseWrk(printed); err == nil && s.Requests == 0 {
			t.Errorf("%q: got no requests and no error", printed)
		}
	})
}

func TestParseStat(t *testing.T) {
	t.Parallel()
	const rest = " S 812 4711 4711 0 -1 4194560 900 10 0 0 150 25 7 3 20 0 1 0 1234 23000 1500 18446744073709551615"
	tests := []struct {
		name, text, wantName string
		wantUsed             time.Duration
		wantErr              bool
	}{
		{"a process", "4711 (nginx)" + rest + "\n", "nginx", 1850 * time.Millisecond, false},
		{"a name with everything", "4711 (a b) S 1 (c)" + rest, "a b) S 1 (c", 1850 * time.Millisecond, false},
		{"cut off", "4711 (nginx) S 812 4711", "", 0, true},
		{"without a name", "4711 nginx" + rest, "", 0, true},
		{"a time that is none", "4711 (nginx)" + strings.Replace(rest, "150", "x", 1), "", 0, true},
		{"nothing", "", "", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name, parent, used, err := load.ParseStat(tt.text)
			if (err != nil) != tt.wantErr {
				t.Fatalf("got error %v, want one: %t", err, tt.wantErr)
			}
			if err == nil && (name != tt.wantName || parent != 812 || used != tt.wantUsed) {
				t.Errorf("got %q, parent %d, %v, want %q, 812, %v", name, parent, used, tt.wantName, tt.wantUsed)
			}
		})
	}
}

func TestUsedBelow(t *testing.T) {
	t.Parallel()
	// 2 has the children 3 and 4, and 5 below 4; 6 is somebody else's.
	parents := map[int]int{1: 0, 2: 1, 3: 2, 4: 2, 5: 4, 6: 1}
	for root, want := range map[int]time.Duration{0: 0, 2: 14 * time.Second, 4: 9 * time.Second, 6: 6 * time.Second, 7: 0} {
		if got := load.UsedBelow(parents, root); got != want {
			t.Errorf("below %d: got %v, want %v", root, got, want)
		}
	}
}

func TestParseBusy(t *testing.T) {
	t.Parallel()
	got, err := load.ParseBusy("cpu  100 1 50 100000 4000 2 7 900 11 12\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
	if err != nil || got != 1600*time.Millisecond {
		t.Errorf("got %v and error %v, want 1.6s", got, err)
	}
	for _, text := range []string{"", "cpu 1 2 3", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 x 8"} {
		if got, err := load.ParseBusy(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestParseKB(t *testing.T) {
	t.Parallel()
	const status = "Name:\tbroadsheet\nVmHWM:\t   36000 kB\nVmRSS:\t   35084 kB\nThreads:\t9\n"
	if got, err := load.ParseKB(status, "VmRSS:"); err != nil || got != 35084<<10 {
		t.Errorf("got %d and error %v, want %d", got, err, 35084<<10)
	}
	for _, field := range []string{"VmSwap:", "Threads:", "Name:"} {
		if got, err := load.ParseKB(status, field); err == nil {
			t.Errorf("%s: got %d, want an error", field, got)
		}
	}
}
