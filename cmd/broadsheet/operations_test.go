package main

import (
	"regexp"
	"strings"
	"testing"

	"broadsheet/internal/postgrestest"
)

var operating = regexp.MustCompile(`"msg":"serving metrics and profiles","address":"([^"]+)"`)

func TestOperations(t *testing.T) {
	t.Parallel()
	s := serve(t, env{"DATABASE_URL": postgrestest.NewURL(t), "BROADSHEET_OPS_LISTEN": "127.0.0.1:0"})
	s.greets()
	found := operating.FindStringSubmatch(s.all.String())
	if found == nil {
		t.Fatalf("the log does not say where:\n%s", s.all)
	}
	s.wants(map[string]int{"/": 200, "/nope": 404, "/metrics": 404, "/debug/pprof/": 404})
	ops := &serving{t: t, address: found[1]}
	ops.wants(map[string]int{"/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/heap": 200, "/": 404})
	for _, want := range []string{
		`broadsheet_http_requests_total{cache="hit",method="GET",route="/",status="2xx"} `,
		`broadsheet_http_request_duration_seconds_count{route="/"} `,
		`broadsheet_build_info{version="` + programVersion() + `"} 1`,
		"broadsheet_cache_entries 1", "pgxpool_max_conns ", "go_goroutines ", "process_cpu_seconds_total ",
	} {
		eventually(t, want, func() bool {
			s.wants(map[string]int{"/": 200}) // pages are kept from when the database is followed
			_, metrics, _ := ops.get("/metrics")
			return strings.Contains(metrics, want)
		})
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if status, _, _ := ops.get("/metrics"); status != 0 {
		t.Errorf("got %d after the end, want nobody there", status)
	}

	e := env{"DATABASE_URL": "postgres:///d?host=/nowhere", "BROADSHEET_LISTEN": "127.0.0.1:0", "BROADSHEET_OPS_LISTEN": serve(t, env{"DATABASE_URL": postgrestest.NewURL(t)}).address}
	broadsheet(t, e, "serve").fails(t, e["BROADSHEET_OPS_LISTEN"], "address already in use", "BROADSHEET_OPS_LISTEN")
}

// Lines about requests come in time and in order, and all of them by the end.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := serve(t, env{"DATABASE_URL": postgrestest.NewURL(t)})
	s.greets()
	s.wants(map[string]int{"/nope": 404})
	eventually(t, "the request is logged", func() bool { return strings.Contains(s.all.String(), `"path":"/nope"`) })
	asked := 0
	eventually(t, "a page is answered from memory", func() bool {
		asked++
		s.wants(map[string]int{"/tags?secret=1": 200})
		return strings.Contains(s.all.String(), `"path":"/tags","route":"/tags","cache":"hit"`)
	})
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	log := s.all.String()
	if got := strings.Count(log, `"path":"/tags","route":"/tags","cache":"`); got != asked {
		t.Errorf("got %d lines about /tags, want %d:\n%s", got, asked, log)
	}
	if strings.Contains(log, "secret") || strings.LastIndex(log, `"msg":"stopping`) < strings.LastIndex(log, `"path":"/tags"`) {
		t.Errorf("got a query, or lines out of order:\n%s", log)
	}
}
