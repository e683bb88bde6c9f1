# syntax=docker/dockerfile:1

# The browser files that third parties wrote, copied to static/vendor.
FROM node:22-bookworm-slim AS vendor
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --from=vendor /build/node_modules node_modules
COPY scripts/vendor.py scripts/vendor.py
COPY package.json ./
RUN /opt/venv/bin/python scripts/vendor.py

# The pages of /docs; what builds them stays behind.
FROM python:3.13-slim-bookworm AS docs
WORKDIR /build
COPY mkdocs.yml requirements-docs.txt ./
COPY scripts/bootstrap.py scripts/docs_site.py scripts/docs_hooks.py scripts/
COPY docs docs
RUN python -m scripts.docs_site

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app engine
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY app.py wsgi.py tasks.py Procfile ./
COPY orders orders
COPY templates templates
COPY static static
COPY docs docs
COPY --from=build /build/static/vendor static/vendor
COPY --from=docs /build/.docs/site .docs/site
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=5000 \
    LOG_FORMAT=json
USER 10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=2)"]
CMD ["python", "wsgi.py"]
