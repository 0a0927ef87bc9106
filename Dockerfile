# syntax=docker/dockerfile:1
# Two stages: the first installs the locked dependencies and the wheel into one environment, the
# second holds that environment and nothing that built it.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /opt/trainyard && python -m venv /opt/build
COPY requirements/ requirements/
RUN /opt/trainyard/bin/pip install --require-hashes -r requirements/production.lock \
 && /opt/build/bin/pip install --require-hashes -r requirements/build.lock
COPY . .
RUN /opt/build/bin/hatchling build -t wheel \
 && /opt/trainyard/bin/pip install --no-deps dist/*.whl \
 && /opt/trainyard/bin/pip uninstall --yes pip
# Kernels are compiled now, into a folder of the installation that is only read later. They are for
# the processor that builds the image; any other one compiles its own at first use. docs/deploy.md
# says how to build for a whole fleet with these two.
ARG NUMBA_CPU_NAME
ARG NUMBA_CPU_FEATURES
RUN XDG_CACHE_HOME=/opt/trainyard/share /opt/trainyard/bin/trainyard warmup

FROM python:3.13-slim
# Kernels that the image does not bring are kept where the unprivileged user may write;
# XDG_CACHE_HOME can be a volume, so that a new container finds them.
ENV PATH=/opt/trainyard/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/var/cache/trainyard \
    TRAINYARD_DATA_DIR=/var/lib/trainyard
RUN useradd --system --uid 10001 --home-dir /var/lib/trainyard --shell /usr/sbin/nologin trainyard \
 && install -d -o trainyard -g trainyard /var/lib/trainyard /var/cache/trainyard
COPY --from=build /opt/trainyard /opt/trainyard
USER 10001
WORKDIR /var/lib/trainyard
VOLUME ["/var/lib/trainyard"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["trainyard"]
CMD ["serve", "--host", "0.0.0.0"]
