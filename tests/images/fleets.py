"""The texts of the example fleets: declarations as their users would write them, and services that are small and real.

`{python}`, `{uv}`, `{poetry}`, `{index}` and `{args}` are filled in; everything else stands as it is written.
"""

UV_WORKSPACE = """\
registry: registry.invalid
owner: examples
python: "{python}"
tools: {{ uv: "{uv}" }}
defaults: {{ source: "services/{{name}}/src", target: /app, install: {{ path: uv.lock, package: "{{name}}" }}, args: {args} }}
services:
  gateway: {{ port: 8000, app: "gateway.main:app", healthcheck: /health }}
  billing: {{ port: 8000, app: "billing.main:app", healthcheck: /health }}
  reports: {{ role: job, cmd: python -m reports.worker }}
"""
POETRY = """\
registry: registry.invalid
owner: examples
python: "{python}"
tools: {{ poetry: "{poetry}" }}
defaults: {{ source: "services/{{name}}", target: /srv, install: "{{source}}/poetry.lock", args: {args} }}
services:
  accounts: {{ port: 8000, app: "accounts.main:app", healthcheck: /health }}
  ledger: {{ role: job, cmd: python -m accounts.worker, source: services/accounts }}
"""
FLATTENED = """\
registry: registry.invalid
owner: examples
python: "{python}"
shared: [common]
defaults: {{ source: "services/{{name}}", target: /app, install: "{{source}}/requirements.txt", healthcheck: /health }}
services:
  orders: {{ port: 8000 }}
  catalog: {{ port: 8000, app: "app.main:app", apt: [libmagic1] }}
  mailer: {{ cmd: python -u worker.py, dirs: [outbox] }}
"""
DJANGO = """\
registry: registry.invalid
owner: examples
python: "{python}"
outputs: {{ compose: {{}} }}
services:
  web:
    {{ source: site, target: /app, install: site/requirements.txt, port: 8000, healthcheck: {{ path: /healthz, host: shop.example.com }}, dirs: [media],
      env: {{ DJANGO_SETTINGS_MODULE: config.settings }}, run: {{ after: source, run: python manage.py collectstatic --noinput }},
      cmd: "gunicorn config.wsgi --bind 0.0.0.0:{{port}} --workers 2 --worker-tmp-dir /dev/shm" }}
  worker: {{ image_of: web, cmd: celery -A config worker --loglevel=info --concurrency=1 }}
  beat: {{ image_of: web, cmd: celery -A config beat --schedule /tmp/beat }}
  migrate: {{ image_of: web, role: job, cmd: python manage.py migrate --noinput }}
"""
STREAMLIT = """\
registry: registry.invalid
owner: examples
python: "{python}"
defaults: {{ source: "apps/{{module}}", target: /app }}
services:
  dashboard: {{ pip: [streamlit, pandas], port: 8501, healthcheck: /_stcore/health, cmd: "streamlit run app.py --server.port {{port}} --server.address 0.0.0.0" }}
  nightly-export: {{ pip: [langdetect], source_builds: [langdetect], role: job, cmd: python -m export, volumes: [/data] }}
"""
TORCH = """\
registry: registry.invalid
owner: examples
python: "{python}"
tools: {{ uv: "{uv}" }}
indexes: {{ pytorch: {{ url: "{index}", packages: [torch, torchvision] }} }}
bases:
  base-ml: {{ version: v1.0.0, install: requirements-ml.txt, pip: [torch] }}
defaults: {{ base: base-ml, source: "services/{{name}}", target: /app, machine_learning: true, healthcheck: {{ path: /health, start_period: 60s }} }}
services:
  embed: {{ pip: [starlette, uvicorn, torchvision], port: 8000, installer: uv, args: {args} }}
  classify: {{ install: "{{source}}/requirements.txt", port: 8000 }}
"""
SHELL_LESS = """\
registry: registry.invalid
owner: examples
python: "{python}"
images:
  python-slim: {{ reference: python, tag: "{{python}}-slim" }}
  bare: {{ reference: registry.invalid/examples/shell-less, tag: nonroot, python: /usr/bin/python{python}, shell: false, user: "65532" }}
defaults: {{ from: bare, builder: python-slim, user: inherit, source: "services/{{name}}", target: /app, install: "{{source}}/requirements.txt" }}
services:
  tokens: {{ port: 8000, healthcheck: /health }}
  audit: {{ role: job, cmd: python -m audit, dirs: [/data], apt_build: [gcc, libc6-dev], source_builds: [regex] }}
"""
# What counts from the working folder of an external image stays relative.
INHERITED = """\
registry: registry.invalid
owner: examples
python: "{python}"
images: {{ below: {{ reference: registry.invalid/examples/below, tag: work }} }}
services:
  report:
    {{ from: below, role: job, workdir: inherit, source: services/report, copy: [{{ from: data, to: data/ }}, {{ from: tools, to: ./ }}], dirs: [out],
      run: {{ run: ./mark.sh, files: tools/mark.sh }}, cmd: [sh, -c, "pwd && cat mark data/words && touch out/x && ls out"] }}
"""
# What there is of an image without a shell: everything of the other one but programs, made by the programs that go.
BARE = """\
FROM python:{python}-slim AS full
RUN find /usr/bin /usr/sbin ! -type d ! -name "python*" -print > /tmp/programs && xargs rm -f < /tmp/programs
FROM scratch
COPY --from=full / /
USER 65532
"""
ANSWER = '''\
"""Answers what the declaration brought."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

{imports}


async def health(request):
    return JSONResponse({{"service": "{name}", "library": {says}}})


app = Starlette(routes=[Route("/health", health)])
'''
MAILER = '''\
"""Writes a letter every second until it is told to end."""

import pathlib
import signal
import sys
import time

import common

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    pathlib.Path("outbox/letter").write_text(common.VERSION)
    time.sleep(1)
'''
SETTINGS = '''\
import pathlib

BASE_DIR = pathlib.Path(__file__).parent.parent
SECRET_KEY = "of an example"
ALLOWED_HOSTS = ["shop.example.com"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles"]
ROOT_URLCONF = "config.urls"
STATIC_URL, STATIC_ROOT = "/static/", BASE_DIR / "collected"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "media/site.sqlite3"}}
'''
URLS = '''\
from django.conf import settings
from django.http import JsonResponse
from django.urls import path


def healthz(request):
    return JsonResponse({"service": "web", "library": str((settings.STATIC_ROOT / "site.css").exists())})


urlpatterns = [path("healthz", healthz)]
'''
# Letters of tasks lie in a folder, so that no broker is needed.
CELERY = '''\
import pathlib

from celery import Celery

folders = {name: f"/tmp/queue/{name}" for name in ("data_folder_in", "data_folder_out", "control_folder")}
folders["data_folder_out"] = folders["data_folder_in"]
for folder in folders.values():
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
app = Celery("config", broker="filesystem://", broker_transport_options=folders)


@app.task
def note(text):
    pathlib.Path("/tmp/noted").write_text(text)
'''
MANAGE = '''\
import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
execute_from_command_line(sys.argv)
'''
DASHBOARD = '''\
import pandas
import streamlit

streamlit.title("Sales")
streamlit.dataframe(pandas.DataFrame({"sold": [1, 2, 3]}))
'''
EXPORT = '''\
import pathlib

import langdetect

langdetect.DetectorFactory.seed = 0
pathlib.Path("/data/report").write_text(langdetect.detect("Dies ist ein kurzer Satz auf Deutsch."))
print("exported", pathlib.Path("/data/report").read_text())
'''
AUDIT = '''\
import pathlib

import regex

pathlib.Path("/data/audit").write_text("1")
print("audited", regex.sub(r"\\p{L}", "x", "a1"))
'''
JOB = '''\
"""A job that ends."""

import common

print("reported by", common.VERSION)
'''
