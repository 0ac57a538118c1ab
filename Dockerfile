# sparsecell on Debian 12, for the processor:
#   npm pack && docker build -t sparsecell .
#   docker run --rm -it -v "$PWD:/data" sparsecell demo
# The package is installed from the tarball beside this file; libtorch, OpenBLAS, Gloo and OpenSlide come from Debian.
FROM node:22-bookworm-slim

RUN apt-get update \
 && apt-get install -y --no-install-recommends libtorch-dev libopenblas0-openmp libopenslide0 libgloo-dev cmake g++ make \
 && rm -rf /var/lib/apt/lists/*

COPY sparsecell-*.tgz /opt/sparsecell.tgz
RUN npm install --global --no-audit --no-fund /opt/sparsecell.tgz \
 && rm /opt/sparsecell.tgz \
 && sparsecell setup \
 && sparsecell doctor

WORKDIR /data
ENTRYPOINT ["sparsecell"]
CMD ["--help"]
