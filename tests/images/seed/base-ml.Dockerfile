# ML dependencies on top of base-runtime
ARG REGISTRY=gitea.harkon.co.uk
ARG OWNER=harkon
ARG BASE_VERSION=v1.0.1
FROM ${REGISTRY}/${OWNER}/base-runtime:${BASE_VERSION}

USER root

# Copy requirements and install dependencies
COPY libs/requirements-ml.txt /tmp/ml-requirements.txt
RUN pip install --no-cache-dir -r /tmp/ml-requirements.txt

USER appuser
