package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"broadsheet/internal/postgres"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

const image = "postgres:17-trixie"

// tuning trades the safety that a test does not need for speed, and makes room
// for tests in parallel.
var tuning = []string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off",
	"max_connections=500", "shared_buffers=128MB", "wal_level=minimal", "max_wal_senders=0",
	"autovacuum=off", // plans in a test must not depend on when it ran
}

// startContainer runs the database in a container, its files in memory where
// the engine can.
func startContainer(ctx context.Context) (string, func() error, error) {
	log.SetDefault(log.NewNoopLogger()) // what fails comes back as an error
	if err := needImage(ctx); err != nil {
		return "", nil, err
	}
	url, end, err := runContainer(ctx, testcontainers.WithTmpfs(map[string]string{"/var/lib/postgresql/data": "rw"}))
	if err != nil && ctx.Err() == nil {
		return runContainer(ctx)
	}
	return url, end, err
}

// needImage fails within seconds where no engine answers or it cannot have the
// image. Testcontainers pulls it too, but where there is no network it tries
// again for minutes, before every test binary falls back to another source.
func needImage(ctx context.Context) (err error) {
	defer func() {
		// Where no engine can be found at all, the library panics.
		if r := recover(); r != nil {
			err = fmt.Errorf("no Docker engine: %v", r)
		}
	}()
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return fmt.Errorf("no Docker engine: %w", err)
	}
	defer provider.Close()
	short, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := provider.Health(short); err != nil {
		return fmt.Errorf("no Docker engine answers: %w", err)
	}
	docker := provider.Client()
	if _, err := docker.ImageInspect(short, image); err == nil {
		return nil
	}
	pull, err := docker.ImagePull(ctx, image, client.ImagePullOptions{})
	if err != nil {
		return fmt.Errorf("pulling %s: %w", image, err)
	}
	if err := pull.Wait(ctx); err != nil {
		return fmt.Errorf("pulling %s: %w", image, err)
	}
	return nil
}

func runContainer(ctx context.Context, options ...testcontainers.ContainerCustomizer) (string, func() error, error) {
	args := []string{"postgres"}
	for _, setting := range tuning {
		args = append(args, "-c", setting)
	}
	options = append(options,
		testcontainers.WithExposedPorts("5432/tcp"),
		testcontainers.WithEnv(map[string]string{
			"POSTGRES_USER": "broadsheet", "POSTGRES_DB": "broadsheet", "POSTGRES_PASSWORD": "broadsheet",
			"POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C.UTF-8 --no-sync",
		}),
		testcontainers.WithCmd(args...),
	)
	container, err := testcontainers.Run(ctx, image, options...)
	end := func() error { return testcontainers.TerminateContainer(container, testcontainers.StopTimeout(0)) }
	if err != nil {
		return "", nil, errors.Join(err, end())
	}
	url, err := containerURL(ctx, container)
	if err != nil {
		return "", nil, errors.Join(err, logsOf(ctx, container), end())
	}
	return url, end, nil
}

// containerURL waits until the container's database answers. The server that
// the image starts to prepare the cluster listens on no port, so that the
// first that answers is the one to use.
func containerURL(ctx context.Context, container *testcontainers.DockerContainer) (string, error) {
	host, err := container.Host(ctx)
	if err != nil {
		return "", fmt.Errorf("asking for the container's host: %w", err)
	}
	port, err := container.MappedPort(ctx, "5432/tcp")
	if err != nil {
		return "", fmt.Errorf("asking for the container's port: %w", err)
	}
	url := fmt.Sprintf("postgres://broadsheet:broadsheet@%s/broadsheet?sslmode=disable", net.JoinHostPort(host, port.Port()))
	pool, err := postgres.Open(ctx, postgres.Config{URL: url})
	if err != nil {
		return "", err
	}
	defer pool.Close()
	for {
		err := postgres.Check(ctx, pool)
		if err == nil {
			return url, nil
		}
		state, stateErr := container.State(ctx)
		if stateErr != nil || !state.Running {
			return "", fmt.Errorf("the container ended: %w", err)
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the container's database does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// logsOf quotes the end of what a container that failed said.
func logsOf(ctx context.Context, container *testcontainers.DockerContainer) error {
	logs, err := container.Logs(ctx)
	if err != nil {
		return err
	}
	defer logs.Close()
	text, err := io.ReadAll(io.LimitReader(logs, 1<<20))
	if err != nil {
		return err
	}
	return fmt.Errorf("its log ends:\n%s", text[max(0, len(text)-2000):])
}
