//! What an image builds on, is called and copies.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "python of a service",
        overlay: r#"
services: { svc-slim: { python: "3.11" } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.11-slim AS builder
-FROM python:3.12-slim
+FROM python:3.11-slim
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.11-slim"
"#,
    },
    Case {
        name: "python of the fleet",
        overlay: r#"
python: "3.13"
"#,
        difference: r#"
generated/base-runtime/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.13-slim AS builder
-FROM python:3.12-slim
+FROM python:3.13-slim
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.13-slim"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.13-slim AS builder
-FROM python:3.12-slim
+FROM python:3.13-slim
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.13-slim"
"#,
    },
    Case {
        name: "a mirror of the default image",
        overlay: "
images: { python-slim: { reference: mirror.example/library/python } }
",
        difference: r#"
generated/base-runtime/Dockerfile
-FROM python:3.12-slim AS builder
+FROM mirror.example/library/python:3.12-slim AS builder
-FROM python:3.12-slim
+FROM mirror.example/library/python:3.12-slim
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/library/python:3.12-slim"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM mirror.example/library/python:3.12-slim AS builder
-FROM python:3.12-slim
+FROM mirror.example/library/python:3.12-slim
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/library/python:3.12-slim"
"#,
    },
    Case {
        name: "an image whose tag follows the Python version, with its digest",
        overlay: r#"
images: { python-slim: { reference: python, tag: "{python}-slim-bookworm", digests: { 3.12-slim-bookworm: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" } } }
"#,
        difference: r#"
generated/base-runtime/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS builder
-FROM python:3.12-slim
+FROM python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS builder
-FROM python:3.12-slim
+FROM python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.12-slim-bookworm@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
"#,
    },
    Case {
        name: "an image that may have a user and an entry point",
        overlay: r#"
images: { cuda: { reference: mirror.example/nvidia/cuda-python, tag: "12.8" } }
services: { svc-slim: { from: cuda } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM mirror.example/nvidia/cuda-python:12.8 AS builder
+USER 0
-FROM python:3.12-slim
+FROM mirror.example/nvidia/cuda-python:12.8
+USER 0
+ENTRYPOINT []
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/nvidia/cuda-python:12.8"
"#,
    },
    Case {
        name: "source_url",
        overlay: "
source_url: https://git.example.com/acme/fleet
",
        difference: r#"
generated/base-ml/Dockerfile
+      org.opencontainers.image.source="https://git.example.com/acme/fleet" \
generated/base-runtime/Dockerfile
+      org.opencontainers.image.source="https://git.example.com/acme/fleet" \
generated/svc-base/Dockerfile
+      org.opencontainers.image.source="https://git.example.com/acme/fleet" \
generated/svc-ml/Dockerfile
+      org.opencontainers.image.source="https://git.example.com/acme/fleet" \
generated/svc-slim/Dockerfile
+      org.opencontainers.image.source="https://git.example.com/acme/fleet" \
"#,
    },
    Case {
        name: "another image for one service",
        overlay: r#"
images: { ubuntu-python: { reference: python, tag: "3.12-bookworm" } }
services: { svc-slim: { from: ubuntu-python } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM python:3.12-bookworm AS builder
-FROM python:3.12-slim
+FROM python:3.12-bookworm
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="python:3.12-bookworm"
"#,
    },
    Case {
        name: "shared",
        overlay: "
shared: [libs, config/common]
",
        difference: "
generated/svc-base/Dockerfile
+COPY --chmod=0755 libs/ libs/
+COPY --chmod=0755 config/common/ config/common/
generated/svc-base/Dockerfile.dockerignore
+!libs
+!config/common
generated/svc-ml/Dockerfile
+COPY --chmod=0755 libs/ libs/
+COPY --chmod=0755 config/common/ config/common/
generated/svc-ml/Dockerfile.dockerignore
+!libs
+!config/common
generated/svc-slim/Dockerfile
+COPY --chmod=0755 libs/ libs/
+COPY --chmod=0755 config/common/ config/common/
generated/svc-slim/Dockerfile.dockerignore
+!libs
+!config/common
",
    },
    Case {
        name: "version of a base",
        overlay: "
bases: { base-runtime: { version: v1.1.0 } }
",
        difference: r#"
generated/base-ml/Dockerfile
-ARG BASE_VERSION=v1.0.0
+ARG BASE_VERSION=v1.1.0
-      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.0.0"
+      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.1.0"
generated/base-runtime/Dockerfile
-      dockwright.base-runtime.version="v1.0.0" \
+      dockwright.base-runtime.version="v1.1.0" \
generated/svc-base/Dockerfile
-ARG BASE_VERSION=v1.0.0
+ARG BASE_VERSION=v1.1.0
-      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.0.0"
+      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.1.0"
"#,
    },
    Case {
        name: "registry and owner",
        overlay: "
registry: ghcr.io
owner: acme/images
",
        difference: r#"
generated/base-ml/Dockerfile
-ARG REGISTRY=registry.example
-ARG OWNER=acme
+ARG REGISTRY=ghcr.io
+ARG OWNER=acme/images
-      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.0.0"
+      org.opencontainers.image.base.name="ghcr.io/acme/images/base-runtime:v1.0.0"
generated/svc-base/Dockerfile
-ARG REGISTRY=registry.example
-ARG OWNER=acme
+ARG REGISTRY=ghcr.io
+ARG OWNER=acme/images
-      org.opencontainers.image.base.name="registry.example/acme/base-runtime:v1.0.0"
+      org.opencontainers.image.base.name="ghcr.io/acme/images/base-runtime:v1.0.0"
generated/svc-ml/Dockerfile
-ARG REGISTRY=registry.example
-ARG OWNER=acme
+ARG REGISTRY=ghcr.io
+ARG OWNER=acme/images
-      org.opencontainers.image.base.name="registry.example/acme/base-ml:v1.0.0"
+      org.opencontainers.image.base.name="ghcr.io/acme/images/base-ml:v1.0.0"
"#,
    },
];
