package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/IBM/pgxpoolprometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"broadsheet/internal/server"
)

// operate serves metrics and profiles on a listener of their own until stop is
// called. Requests are counted from then on.
func (b *blog) operate() (stop func(), err error) {
	listener, err := net.Listen("tcp", b.config.OpsListen)
	if err != nil {
		return nil, fmt.Errorf("%w; stop what uses the address, or set BROADSHEET_OPS_LISTEN to another", err)
	}
	registry := b.collect()
	b.metrics = server.NewMetrics(registry)
	// A profile takes as long as it is asked to: no limit for answers.
	srv := &http.Server{Handler: server.Operations(registry), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	b.log.Info("serving metrics and profiles", "address", listener.Addr().String())
	go func() {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.log.Error("metrics and profiles are served no more", "error", err)
		}
	}()
	return func() { srv.Close() }, nil
}

// collect returns a registry of what the parts of the server measure.
func (b *blog) collect() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		pgxpoolprometheus.NewCollector(b.pool, nil),
		b.cache,
	)
	promauto.With(registry).NewGauge(prometheus.GaugeOpts{
		Name:        "broadsheet_build_info",
		Help:        "1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": programVersion()},
	}).Set(1)
	return registry
}
