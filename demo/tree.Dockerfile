# A host that builds no wheel, as paperless-ngx today: its tree is copied, and stamped
# where it lies: docs/images.md.
FROM python:3.14-slim-trixie
LABEL org.opencontainers.image.title="paperless-demo" \
      org.opencontainers.image.description="A model of paperless-ngx, as far as a usage report reads it" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /usr/src/paperless
COPY constraints.txt dist/*.whl ./
RUN wheel=$(echo ./paperless_report-*.whl) \
 && python -m pip install --no-cache-dir --constraint constraints.txt "${wheel}[report]" \
 && rm ./*.whl constraints.txt \
 && install -d -m 0770 data
COPY demo/manage.py ./
COPY demo/src src
# Last, so that another stamp builds no other layer again.
ARG PAPERLESS_NGX_SOURCE_COMMIT PAPERLESS_NGX_BUILD_DATE PAPERLESS_NGX_TAG
ARG PAPERLESS_NGX_CHANNEL PAPERLESS_NGX_REPORT_URL
# 0 allows a dev build.
ARG PAPERLESS_NGX_STRICT=1
RUN build-stamp write src/paperless --env-prefix PAPERLESS_NGX
LABEL org.opencontainers.image.revision="$PAPERLESS_NGX_SOURCE_COMMIT" \
      org.opencontainers.image.created="$PAPERLESS_NGX_BUILD_DATE"
# containerd leaves no mark by which a container can be told.
ENV PAPERLESS_DATA_DIR=/usr/src/paperless/data PNGX_CONTAINERIZED=1
# A number, so that an orchestrator can tell that it is not root; group 0 may write.
USER 1000:0
VOLUME ["/usr/src/paperless/data"]
ENTRYPOINT ["python", "manage.py"]
CMD ["send_usage_report", "--dry-run"]
