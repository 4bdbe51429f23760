package load

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// nginxConf is nginx at its best for this: files that it keeps open, compressed
// beforehand, connections that stay, and no access log.
const nginxConf = `daemon off;
%[1]s
worker_processes 2;
pid %[2]s/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
	types { text/html html; }
	charset utf-8;
	access_log off;
	server_tokens off;
	sendfile on;
	tcp_nopush on;
	gzip_static on;
	gzip_vary on;
	open_file_cache max=1000 inactive=10m;
	open_file_cache_valid 10m;
	keepalive_timeout 10m;
	keepalive_requests 1000000000;
	client_body_temp_path %[2]s/body;
	proxy_temp_path %[2]s/proxy;
	fastcgi_temp_path %[2]s/fastcgi;
	uwsgi_temp_path %[2]s/uwsgi;
	scgi_temp_path %[2]s/scgi;
	server { listen %[3]s; root %[2]s/pages; }
}
`

// startNginx serves the pages as files, the first as /0.html.
func (l *lab) startNginx(ctx context.Context, pages []canned) (*process, error) {
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx" // which is not in everybody's PATH
	}
	dir := filepath.Join(l.dir, "nginx")
	if err := os.MkdirAll(filepath.Join(dir, "pages"), 0o755); err != nil {
		return nil, fmt.Errorf("making nginx's folder: %w", err)
	}
	for i, page := range pages {
		file := filepath.Join(dir, "pages", strconv.Itoa(i)+".html")
		if err := os.WriteFile(file, page.Plain.Body, 0o644); err != nil {
			return nil, fmt.Errorf("writing a page for nginx: %w", err)
		}
		if err := os.WriteFile(file+".gz", page.Gzip.Body, 0o644); err != nil {
			return nil, fmt.Errorf("writing a page for nginx: %w", err)
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the folder is ours alone
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, user, dir, address), 0o644); err != nil {
		return nil, fmt.Errorf("writing nginx's settings: %w", err)
	}
	p, err := l.start(Nginx, address, nil, program, "-e", "stderr", "-p", dir, "-c", conf)
	if err != nil {
		return nil, err
	}
	return p, l.ready(ctx, p, "/0.html")
}
