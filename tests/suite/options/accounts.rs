//! Whom a container runs as, what it may write, its labels, and what bases say like services.

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "env and labels with build arguments and variables",
        overlay: r#"
services:
  svc-slim:
    args: { COMMIT: none }
    env: { PATH: "/opt/x/bin:{env.PATH}", RELEASE: "$ {arg.COMMIT}" }
    labels: { com.example.commit: "{arg.COMMIT} of {name}" }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
+ARG COMMIT="none"
+ARG COMMIT="none"
+ENV PATH="/opt/x/bin:${PATH}"
+ENV RELEASE="\$ ${COMMIT}"
+LABEL com.example.commit="${COMMIT} of svc-slim"
"#,
    },
    Case {
        name: "user of another number",
        overlay: "
services: { svc-slim: { user: 1000, dirs: data } }
",
        difference: r"
generated/svc-slim/Dockerfile
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+RUN groupadd --gid 1000 appuser \
+ && useradd --uid 1000 --gid 1000 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+RUN install -d -o 1000 -g 1000 data
-USER 10001:10001
+USER 1000:1000
",
    },
    Case {
        name: "user with a group of its own, a home and further groups",
        overlay: "
services: { svc-slim: { user: { uid: 1000, gid: 100, name: web }, home: /home/web, groups: [video, 994] } }
",
        difference: r"
generated/svc-slim/Dockerfile
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+RUN { getent group 100 > /dev/null || groupadd --gid 100 web; } \
+ && useradd --uid 1000 --gid 100 --no-log-init --no-create-home --home-dir /home/web --shell /usr/sbin/nologin web
+RUN install -d -o 1000 -g 100 /home/web
+RUN groupadd --force video \
+ && { getent group 994 > /dev/null || groupadd --gid 994 group994; } \
+ && usermod --append --groups video,994 web
-USER 10001:10001
+USER 1000
",
    },
    Case {
        name: "user root",
        overlay: "
services: { svc-slim: { user: root } }
",
        difference: r"
generated/svc-slim/Dockerfile
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
-USER 10001:10001
+USER 0:0
",
    },
    Case {
        name: "another user on a base, and a home of the base's",
        overlay: "
services: { svc-base: { user: 1000 }, svc-ml: { home: home, groups: audio } }
",
        difference: r"
generated/svc-base/Dockerfile
+RUN groupadd --gid 1000 appuser1000 \
+ && useradd --uid 1000 --gid 1000 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser1000
-USER 10001:10001
+USER 1000:1000
generated/svc-ml/Dockerfile
+RUN usermod --home /app/home appuser
+RUN install -d -o 10001 -g 10001 /app/home
+RUN groupadd --force audio \
+ && usermod --append --groups audio appuser
-USER 10001:10001
+USER 10001
",
    },
    Case {
        name: "user of the external image",
        overlay: r#"
images: { other: { reference: mirror.example/conda, tag: "3.12", user: "1000:100" } }
services: { svc-slim: { from: other, user: inherit, dirs: data } }
"#,
        difference: r#"
generated/svc-slim/Dockerfile
-FROM python:3.12-slim AS builder
+FROM mirror.example/conda:3.12 AS builder
+USER 0
-FROM python:3.12-slim
+FROM mirror.example/conda:3.12
+USER 0
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+RUN install -d -o 1000 -g 100 data
-USER 10001:10001
+USER 1000:100
+ENTRYPOINT []
-      org.opencontainers.image.base.name="python:3.12-slim"
+      org.opencontainers.image.base.name="mirror.example/conda:3.12"
"#,
    },
    Case {
        name: "volumes",
        overlay: "
services: { svc-slim: { volumes: [data, /models], dirs: /models } }
",
        difference: r#"
generated/svc-slim/Dockerfile
+RUN install -d -o 10001 -g 10001 /models /app/data
+VOLUME ["/app/data", "/models"]
"#,
    },
    Case {
        name: "what a base says like a service",
        overlay: r#"
bases:
  base-runtime:
    workdir: /srv
    run: [python -m fetch, { after: source, run: 'echo {name}' }]
    copy: [{ from: models/, to: /models }, LICENSE]
    dirs: cache
    user: 1000
    labels: { com.example.team: search }
    env: { CACHE: "{workdir}/cache" }
ignore: ["*.md"]
"#,
        difference: r#"
generated/base-ml/Dockerfile
-USER 10001:10001
+USER 1000:1000
generated/base-runtime/Dockerfile
-RUN groupadd --gid 10001 appuser \
- && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
+ENV CACHE="/srv/cache"
+RUN groupadd --gid 1000 appuser \
+ && useradd --uid 1000 --gid 1000 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
-WORKDIR /app
-USER 10001:10001
+WORKDIR /srv
+RUN install -d -o 1000 -g 1000 cache
+RUN python -m fetch
+COPY --chmod=0755 models/ /models
+COPY --chmod=0755 LICENSE /app/LICENSE
+RUN echo base-runtime
+USER 1000:1000
+LABEL com.example.team="search"
generated/base-runtime/Dockerfile.dockerignore
+!models
+!LICENSE
+**/*.md
generated/svc-base/Dockerfile
-USER 10001:10001
+USER 1000:1000
generated/svc-base/Dockerfile.dockerignore
+**/*.md
generated/svc-ml/Dockerfile
-USER 10001:10001
+USER 1000:1000
generated/svc-ml/Dockerfile.dockerignore
+**/*.md
generated/svc-slim/Dockerfile.dockerignore
+**/*.md
"#,
    },
];
