# The image of docker-compose.yml: what the lock file names, our four packages, no root.
FROM python:3.11.13-slim-bookworm

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock

COPY pyproject.toml lienthong LICENSE ./
COPY schemas schemas
COPY services services
COPY projections projections
COPY ops ops

RUN useradd --create-home --uid 10001 lienthong \
    && install --directory --owner=lienthong --mode=0700 /home/lienthong/data
USER lienthong

ENV PYTHONPATH=/app PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1 \
    LIENTHONG_HOME=/home/lienthong/data
VOLUME /home/lienthong/data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "ops.cli"]
CMD ["up"]
