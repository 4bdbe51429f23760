# Two stages: Go builds the binary, and the image holds it with certificates
# and a user that is not root. There is no shell and no package in it.

FROM golang:1.26-trixie AS build
WORKDIR /src
COPY . .
ARG VERSION=development
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /broadsheet ./cmd/broadsheet

FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=development
LABEL org.opencontainers.image.title="Broadsheet" \
      org.opencontainers.image.description="A blog server: one binary, one PostgreSQL" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /broadsheet /broadsheet
# By number, so that Kubernetes' runAsNonRoot can tell.
USER 65532:65532
EXPOSE 8080
# A copy is healthy when it should be sent visitors: /readyz.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["/broadsheet", "health"]
ENTRYPOINT ["/broadsheet"]
CMD ["serve"]
