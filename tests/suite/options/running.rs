//! What runs, and the raw lines of hooks.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "port",
        overlay: "
services: { svc-slim: { port: 9090 } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-EXPOSE 8000
+EXPOSE 9090
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 9090, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "9090", "--timeout-graceful-shutdown", "8"]
"#,
    },
    Case {
        name: "app",
        overlay: r#"
services: { svc-slim: { app: "svc_slim.web:create" } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "uvicorn", "svc_slim.web:create", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
"#,
    },
    Case {
        name: "cmd",
        overlay: r#"
services: { svc-slim: { cmd: [python, -m, "a \"b\" $HOME", "ü\\n"] } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "a \"b\" $HOME", "ü\\n"]
"#,
    },
    Case {
        name: "cmd with gunicorn",
        overlay: r#"
services: { svc-base: { cmd: [gunicorn, -b, ":8000", "app:app"] } }
"#,
        difference: r#"
generated/svc-base/Dockerfile
+ENV GUNICORN_CMD_ARGS=--worker-tmp-dir=/dev/shm
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_base.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["gunicorn", "-b", ":8000", "app:app"]
"#,
    },
    Case {
        name: "cmd with gunicorn and a place of its heartbeat files",
        overlay: r#"
services: { svc-base: { cmd: [gunicorn, --worker-tmp-dir, /run, "app:app"] } }
"#,
        difference: r#"
generated/svc-base/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_base.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["gunicorn", "--worker-tmp-dir", "/run", "app:app"]
"#,
    },
    Case {
        name: "cmd without a port",
        overlay: "
services: { svc-slim: { cmd: [python, -m, worker], port: null } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-EXPOSE 8000
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "worker"]
"#,
    },
    Case {
        name: "entrypoint",
        overlay: "
services: { svc-slim: { entrypoint: 'tini -- python', cmd: [-m, x] } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+ENTRYPOINT ["tini", "--", "python"]
+CMD ["-m", "x"]
"#,
    },
    Case {
        name: "entrypoint alone",
        overlay: "
services: { svc-slim: { entrypoint: [./start] } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+ENTRYPOINT ["./start"]
+CMD []
"#,
    },
    Case {
        name: "entrypoint of the image below",
        overlay: "
services: { svc-slim: { entrypoint: inherit } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
"#,
    },
    Case {
        name: "a command that is given at run time",
        overlay: "
services: { svc-slim: { cmd: none } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD []
"#,
    },
    Case {
        name: "the command of the image below is not that of its entrypoint",
        overlay: "
services: { svc-slim: { entrypoint: inherit, cmd: none } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD []
"#,
    },
    Case {
        name: "no entrypoint of the image below",
        overlay: "
services: { svc-slim: { entrypoint: none } }
",
        difference: r"
generated/svc-slim/Dockerfile
+ENTRYPOINT []
",
    },
    Case {
        name: "a variable that extends the module path of the image below",
        overlay: "
services: { svc-slim: { env: { PYTHONPATH: '{env.PYTHONPATH}:/srv/extra' } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-ENV PATH="/opt/venv/bin:$PATH" PYTHONPATH=/app \
+ENV PATH="/opt/venv/bin:$PATH" \
+ENV PYTHONPATH="${PYTHONPATH}:/srv/extra"
"#,
    },
    Case {
        name: "ports",
        overlay: "
services: { svc-slim: { ports: [50051, 6000/udp, 8000] } }
",
        difference: r"
generated/svc-slim/Dockerfile
-EXPOSE 8000
+EXPOSE 8000 50051 6000/udp
",
    },
    Case {
        name: "dirs",
        overlay: r#"
services: { svc-slim: { dirs: [data, /models, "."] } }
"#,
        difference: r"
generated/svc-slim/Dockerfile
+RUN install -d -o 10001 -g 10001 data /models .
",
    },
    Case {
        name: "run",
        overlay: r#"
services:
  svc-slim:
    run:
      - python -m compileall /opt/x
      - { after: source, run: 'python manage.py collectstatic --noinput && echo {name} "$HOME"' }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
+RUN python -m compileall /opt/x
+RUN python manage.py collectstatic --noinput && echo svc-slim "$HOME"
"#,
    },
    Case {
        name: "what steps read",
        overlay: r#"
services:
  svc-slim:
    secrets: [{ id: hf, target: /root/.hf }]
    copy: { from: conf, to: etc/ }
    run:
      - run: python fetch.py
        files: [scripts/fetch.py, apps/svc_slim/models.txt, conf/a.toml, ./libs/x/]
        secrets: [hf, { id: own, target: /run/own }]
        cache: ["~/.cache/hf", tmp/cache]
"#,
        difference: r"
generated/svc-slim/Dockerfile
+    --mount=type=secret,id=hf,target=/root/.hf \
+RUN --mount=type=bind,source=scripts/fetch.py,target=/app/scripts/fetch.py --mount=type=bind,source=apps/svc_slim/models.txt,target=/app/apps/svc_slim/models.txt --mount=type=bind,source=conf/a.toml,target=/app/etc/a.toml --mount=type=bind,source=libs/x,target=/app/libs/x --mount=type=secret,id=hf,target=/root/.hf --mount=type=secret,id=own,target=/run/own --mount=type=cache,target=/root/.cache/hf --mount=type=cache,target=/app/tmp/cache python fetch.py
+COPY --chmod=0755 conf etc/
generated/svc-slim/Dockerfile.dockerignore
+!conf
+!scripts/fetch.py
+!libs/x
",
    },
    Case {
        name: "a file of a step where the sources land",
        overlay: "
services: { svc-slim: { source: src, target: /srv, run: { run: cat a, files: src/a, after: source } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-WORKDIR /app
-COPY --chmod=0755 apps/svc_slim/ apps/svc_slim/
+WORKDIR /srv
+COPY --chmod=0755 src/ ./
+RUN --mount=type=bind,source=src/a,target=/srv/a cat a
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
generated/svc-slim/Dockerfile.dockerignore
-!apps/svc_slim
+!src
"#,
    },
    Case {
        name: "a step before the installation",
        overlay: "
bases: { base-runtime: { run: { after: apt, run: ldconfig } } }
services: { svc-slim: { run: { after: apt, run: locale-gen } } }
",
        difference: r"
generated/base-runtime/Dockerfile
+WORKDIR /app
+RUN ldconfig
generated/svc-slim/Dockerfile
+WORKDIR /app
+RUN locale-gen
",
    },
    Case {
        name: "env",
        overlay: r#"
services: { svc-slim: { env: { A: plain, B: "two words", C: "$HOME \"q\" 'x' \\ #", D: "" } } }
kinds: { web: { env: { A: overridden, Z: last } } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
+ENV Z="last"
+ENV A="plain"
+ENV B="two words"
+ENV C="\$HOME \"q\" 'x' \\ #"
+ENV D=""
"#,
    },
    Case {
        name: "env of a base",
        overlay: r#"
bases: { base-ml: { env: { OMP_NUM_THREADS: "4" } } }
"#,
        difference: r#"
generated/base-ml/Dockerfile
+ENV OMP_NUM_THREADS="4"
"#,
    },
    Case {
        name: "args",
        overlay: r#"
services: { svc-slim: { args: { A: plain, B: "$HOME \"q\" #" } }, svc-base: { args: { A: again } } }
kinds: { web: { args: { A: overridden } } }
bases: { base-ml: { args: { C: below } } }
"#,
        difference: r#"
generated/base-ml/Dockerfile
+ARG C="below"
generated/svc-base/Dockerfile
+ARG A="again"
generated/svc-slim/Dockerfile
+ARG A="plain"
+ARG B="\$HOME \"q\" #"
+ARG A="plain"
+ARG B="\$HOME \"q\" #"
"#,
    },
    Case {
        name: "healthcheck fields",
        overlay: "
services: { svc-slim: { healthcheck: { path: /up, interval: 1m, timeout: 2s, start_period: 90s, retries: 5 } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+HEALTHCHECK --interval=1m --timeout=2s --start-period=90s --retries=5 \
+    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=1.6); c.request('GET', '/up'); raise SystemExit(c.getresponse().status != 200)"]
"#,
    },
    Case {
        name: "healthcheck of a kind, a field overridden",
        overlay: "
kinds: { web: { healthcheck: { path: /up, retries: 7 } } }
services: { svc-slim: { healthcheck: { retries: 2 } } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
+HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=2 \
+    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/up'); raise SystemExit(c.getresponse().status != 200)"]
"#,
    },
    Case {
        name: "healthcheck none",
        overlay: "
services: { svc-slim: { healthcheck: none } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
-    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
"#,
    },
    Case {
        name: "hooks at every point of a slim service",
        overlay: r#"
services: { svc-slim: { hooks: { builder: ["RUN true builder"], before_apt: ["RUN true before_apt"], after_apt: ["RUN true after_apt"], after_pip: ["RUN true after_pip"], after_copy: ["RUN true \\", "  after_copy"] } } }
"#,
        difference: r"
generated/svc-slim/Dockerfile
+RUN true builder
+RUN true before_apt
+RUN true after_apt
+RUN true after_pip
+RUN true \
+  after_copy
",
    },
    Case {
        name: "hooks at every point of a service on a base",
        overlay: r#"
services: { svc-base: { hooks: { builder: ["RUN true builder"], before_apt: ["RUN true before_apt"], after_apt: ["RUN true after_apt"], after_pip: ["RUN true after_pip"], after_copy: ["RUN true after_copy"] } } }
"#,
        difference: "
generated/svc-base/Dockerfile
+FROM ${REGISTRY}/${OWNER}/base-runtime:${BASE_VERSION} AS builder
+USER 0
+RUN true builder
+
+RUN true before_apt
+RUN true after_apt
+RUN true after_pip
+RUN true after_copy
",
    },
    Case {
        name: "hooks at every point of a base",
        overlay: r#"
bases: { base-runtime: { hooks: { builder: ["RUN true builder"], before_apt: ["RUN true before_apt"], after_apt: ["RUN true after_apt"], after_pip: ["RUN true after_pip"], after_copy: ["RUN true after_copy"] } } }
"#,
        difference: "
generated/base-runtime/Dockerfile
+RUN true builder
+RUN true before_apt
+RUN true after_apt
+RUN true after_pip
+RUN true after_copy
",
    },
    Case {
        name: "hooks of a kind come before the service's",
        overlay: r#"
kinds: { web: { hooks: { after_copy: ["RUN true kind"] } } }
services: { svc-slim: { hooks: { after_copy: ["RUN true service"] } } }
"#,
        difference: "
generated/svc-slim/Dockerfile
+RUN true kind
+RUN true service
",
    },
];
