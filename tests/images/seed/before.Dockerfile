# One list of requirements for every service, development packages included
FROM python:3.12-slim

WORKDIR /app

COPY libs/requirements.txt /tmp/libs-requirements.txt
COPY apps/svc_xxx/requirements.txt /tmp/requirements.txt
# The stand-in's pip brings Debian's own packages, which pip cannot uninstall; the official image has none
RUN pip install --no-cache-dir --ignore-installed -r /tmp/libs-requirements.txt -r /tmp/requirements.txt

COPY libs/ ./libs/
COPY apps/svc_xxx/ ./apps/svc_xxx/

CMD ["python", "-m", "uvicorn", "apps.svc_xxx.main:app", "--host", "0.0.0.0", "--port", "8000"]
