//! What an image takes, and where that lands.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "source and target",
        overlay: "
services: { svc-slim: { source: services/slim, target: /app } }
",
        difference: r#"
generated/svc-slim/Dockerfile
-COPY --chmod=0755 apps/svc_slim/ apps/svc_slim/
+COPY --chmod=0755 services/slim/ ./
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
generated/svc-slim/Dockerfile.dockerignore
-!apps/svc_slim
+!services/slim
"#,
    },
    Case {
        name: "no source",
        overlay: r#"
services: { svc-slim: { source: none, app: "a:b" } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-COPY --chmod=0755 apps/svc_slim/ apps/svc_slim/
-CMD ["python", "-m", "uvicorn", "apps.svc_slim.main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
+CMD ["python", "-m", "uvicorn", "a:b", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "8"]
generated/svc-slim/Dockerfile.dockerignore
-!apps/svc_slim
"#,
    },
    Case {
        name: "workdir",
        overlay: "
services: { svc-slim: { workdir: /srv } }
",
        difference: r"
generated/svc-slim/Dockerfile
-WORKDIR /app
-COPY --chmod=0755 apps/svc_slim/ apps/svc_slim/
+WORKDIR /srv
+COPY --chmod=0755 apps/svc_slim/ /app/apps/svc_slim/
",
    },
    Case {
        name: "workdir of an external image",
        overlay: "
services: { svc-slim: { workdir: inherit, copy: [{ from: a.txt, to: b/ }, { from: c, to: ./ }], dirs: [data], run: { run: ./c.sh, files: c/c.sh } } }
",
        difference: r"
generated/svc-slim/Dockerfile
-WORKDIR /app
-COPY --chmod=0755 apps/svc_slim/ apps/svc_slim/
+# WORKDIR is inherited from the image below.
+RUN install -d -o 10001 -g 10001 data
+RUN --mount=type=bind,source=c/c.sh,target=c.sh ./c.sh
+COPY --chmod=0755 apps/svc_slim/ /app/apps/svc_slim/
+COPY --chmod=0755 a.txt b/
+COPY --chmod=0755 c ./
generated/svc-slim/Dockerfile.dockerignore
+!a.txt
+!c
",
    },
    Case {
        name: "workdir of a base",
        overlay: "
bases: { base-runtime: { workdir: /srv } }
services: { svc-base: { workdir: inherit } }
",
        difference: r"
generated/base-runtime/Dockerfile
-WORKDIR /app
+WORKDIR /srv
generated/svc-base/Dockerfile
-WORKDIR /app
-COPY --chmod=0755 apps/svc_base/ apps/svc_base/
+# WORKDIR is inherited from the image below.
+COPY --chmod=0755 apps/svc_base/ /app/apps/svc_base/
",
    },
    Case {
        name: "shared of a service",
        overlay: "
services: { svc-slim: { shared: [libs/common, setup.cfg] } }
",
        difference: r"
generated/svc-slim/Dockerfile
+COPY --chmod=0755 libs/common/ libs/common/
+COPY --chmod=0755 setup.cfg setup.cfg
generated/svc-slim/Dockerfile.dockerignore
+!libs/common
+!setup.cfg
",
    },
    Case {
        name: "copy",
        overlay: r#"
services:
  svc-slim:
    copy:
      - { from: deploy/start.sh, to: bin/ }
      - { from: "conf/*.toml", to: /etc/app/, mode: "0644" }
      - { image: base-runtime, from: /opt/x, to: /opt/x }
"#,
        difference: r"
generated/svc-slim/Dockerfile
+COPY --from=registry.example/acme/base-runtime:v1.0.0 --chmod=0755 /opt/x /opt/x
+COPY --chmod=0755 deploy/start.sh bin/
+COPY --chmod=0644 conf/*.toml /etc/app/
generated/svc-slim/Dockerfile.dockerignore
+!deploy/start.sh
+!conf/*.toml
",
    },
    Case {
        name: "ignore",
        overlay: r#"
ignore: "*.ipynb"
services: { svc-slim: { ignore: [tests, "!docs/keep.md", /top/x] } }
"#,
        difference: r"
generated/svc-base/Dockerfile.dockerignore
+**/*.ipynb
generated/svc-ml/Dockerfile.dockerignore
+**/*.ipynb
generated/svc-slim/Dockerfile.dockerignore
+**/*.ipynb
+**/tests
+!docs/keep.md
+top/x
",
    },
];
