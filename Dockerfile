# Renew tag and digest together; the tests run on the same minor version.
FROM python:3.11.15-slim-bookworm@sha256:b18992999dbe963a45a8a4da40ac2b1975be1a776d939d098c647482bcad5cba AS build

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mockserver ./mockserver
COPY openapi ./openapi
COPY fixtures ./fixtures
COPY contract_tests ./contract_tests
RUN python -m venv /opt/mockserver \
    && /opt/mockserver/bin/pip install --quiet --no-cache-dir --disable-pip-version-check .


FROM python:3.11.15-slim-bookworm@sha256:b18992999dbe963a45a8a4da40ac2b1975be1a776d939d098c647482bcad5cba

LABEL org.opencontainers.image.title="mockserver" \
      org.opencontainers.image.description="A stateful local stand-in for the ThunderPhone voice API" \
      org.opencontainers.image.licenses="MIT"

COPY --from=build /opt/mockserver /opt/mockserver

# Nothing is ever written: the file system may be read-only. Inside a container, everyone who reaches it is meant.
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0

USER 10001:10001
EXPOSE 8675
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
