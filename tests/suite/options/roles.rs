//! What a service is when it runs: its role, how its health is asked for, and how it is ended.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "role web with a command",
        overlay: "
services: { svc-slim: { role: web, cmd: [serve] } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["serve"]
"#,
    },
    Case {
        name: "role job",
        overlay: "
services: { svc-slim: { role: job, cmd: [migrate], port: null } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-EXPOSE 8000
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["migrate"]
"#,
    },
    Case {
        name: "healthcheck with a host, a port and answers",
        overlay: "
services:
  svc-slim: { healthcheck: { host: shop.example.com, port: 8001, status: [200, 3xx] } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8001, timeout=4); c.request('GET', '/healthz', headers={'Host': 'shop.example.com'}); s = c.getresponse().status; raise SystemExit(s not in [200] and s // 100 not in [3])"]
"#,
    },
    Case {
        name: "healthcheck with one class of answers",
        overlay: "
services: { svc-slim: { healthcheck: { status: 2xx } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status // 100 != 2)"]
"#,
    },
    Case {
        name: "healthcheck by command without a start period",
        overlay: "
services: { svc-slim: { healthcheck: { cmd: 'python -m probe --name {name}', start_period: 0s } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+HEALTHCHECK --interval=30s --timeout=5s --start-period=0s --retries=3 \
+    CMD ["python", "-m", "probe", "--name", "svc-slim"]
"#,
    },
    Case {
        name: "stop signal and grace period",
        overlay: "
services: { svc-slim: { stop_signal: SIGINT, stop_grace_period: 1m } }
",
        difference: r#"
generated/svc-slim/Dockerfile
+STOPSIGNAL SIGINT
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "58"]
"#,
    },
];
