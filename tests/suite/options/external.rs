//! External images that are not the official one, another image that builds, and files of other
//! services.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "alpine",
        overlay: r#"
images: { small: { reference: python, tag: "{python}-alpine" } }
services: { svc-slim: { from: small, apk: libpq, apk_build: [gcc, musl-dev], home: /home/x } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.12-alpine AS builder
+RUN apk add --no-cache gcc musl-dev
-    SOURCE_DATE_EPOCH=315532800 pip --python /opt/venv/bin/python install --only-binary=:all: -r /tmp/requirements.txt \
+    SOURCE_DATE_EPOCH=315532800 pip --python /opt/venv/bin/python install -r /tmp/requirements.txt \
-FROM python:3.12-slim
+FROM python:3.12-alpine
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+RUN apk add --no-cache libpq
+RUN addgroup -g 10001 appuser \
+ && adduser -u 10001 -G appuser -D -H -h /home/x -s /sbin/nologin appuser
+RUN install -d -o 10001 -g 10001 /home/x
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.12-alpine"
"#,
    },
    Case {
        name: "packages of another Python",
        overlay: r#"
images: { conda: { reference: mirror.example/conda, tag: "3.12", python: /opt/conda/bin/python, site_packages: true } }
services: { svc-slim: { from: conda } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
-RUN python -m venv --without-pip /opt/venv && sed -i "/^version = /d" /opt/venv/pyvenv.cfg
+FROM mirror.example/conda:3.12 AS builder
+USER 0
+RUN /opt/conda/bin/python -m venv --system-site-packages --without-pip /opt/venv && sed -i "/^version = /d" /opt/venv/pyvenv.cfg
-    SOURCE_DATE_EPOCH=315532800 pip --python /opt/venv/bin/python install --only-binary=:all: -r /tmp/requirements.txt \
+    SOURCE_DATE_EPOCH=315532800 /opt/conda/bin/python -m pip --python /opt/venv/bin/python install --only-binary=:all: -r /tmp/requirements.txt \
-FROM python:3.12-slim
+FROM mirror.example/conda:3.12
+USER 0
+ENTRYPOINT []
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/conda:3.12"
"#,
    },
    Case {
        name: "a final image without a shell",
        overlay: r#"
images: { bare: { reference: mirror.example/distroless, tag: nonroot, python: /usr/bin/python3.12, shell: false, user: "65532:65532" } }
services: { svc-slim: { from: bare, builder: python-slim, user: inherit, dirs: [data], run: python -m fetch } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
+ENV PATH="/opt/venv/bin:$PATH"
+WORKDIR /app
+RUN python -m fetch
+# What runs is the other image's Python: the environment names that.
+RUN ln -sf /usr/bin/python3.12 /opt/venv/bin/python && ln -sf python /opt/venv/bin/python3 && sed -i "s|^home = .*|home = /usr/bin|" /opt/venv/pyvenv.cfg
+RUN mkdir /empty
-FROM python:3.12-slim
+FROM mirror.example/distroless:nonroot
+USER 0
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+COPY --from=builder --chown=65532:65532 /empty/ data/
-USER 10001:10001
+USER 65532:65532
+ENTRYPOINT []
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/distroless:nonroot"
"#,
    },
    Case {
        name: "files of another service",
        overlay: "
services: { svc-base: { copy: { image: svc-slim, from: /app/dist, to: static } } }
",
        difference: "
generated/svc-base/Dockerfile
+COPY --from=registry.example/acme/svc-slim --chmod=0755 /app/dist static
",
    },
];
