# Copies the tree of a project that builds no wheel, like paperless-ngx, and stamps the copy.
# See docs/how-to/images.md.
FROM python:3.14-slim-trixie
LABEL org.opencontainers.image.title="paperless-demo" \
      org.opencontainers.image.description="A small stand-in for paperless-ngx, with what a usage report reads" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /usr/src/paperless
COPY constraints.txt dist/*.whl ./
RUN wheel=$(echo ./paperless_report-*.whl) \
 && python -m pip install --no-cache-dir --constraint constraints.txt "${wheel}[report]" \
 && rm ./*.whl constraints.txt \
 && install -d -m 0770 data
COPY demo/manage.py ./
COPY demo/src src
# The stamp comes last, so that a new one reuses all layers above.
ARG PAPERLESS_NGX_SOURCE_COMMIT PAPERLESS_NGX_BUILD_DATE PAPERLESS_NGX_TAG
ARG PAPERLESS_NGX_CHANNEL PAPERLESS_NGX_REPORT_URL PAPERLESS_NGX_REPORTING
# Set it to 0 to allow a dev build.
ARG PAPERLESS_NGX_STRICT=1
RUN build-stamp write src/paperless --env-prefix PAPERLESS_NGX
LABEL org.opencontainers.image.revision="$PAPERLESS_NGX_SOURCE_COMMIT" \
      org.opencontainers.image.created="$PAPERLESS_NGX_BUILD_DATE"
# containerd leaves no sign that this is a container.
ENV PAPERLESS_DATA_DIR=/usr/src/paperless/data PNGX_CONTAINERIZED=1
# A number lets an orchestrator check that the user is not root. Group 0 can write.
USER 1000:0
VOLUME ["/usr/src/paperless/data"]
ENTRYPOINT ["python", "manage.py"]
CMD ["send_usage_report", "--dry-run"]
