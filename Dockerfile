# Images of this project, for Kubeflow Pipelines or any cluster:
#   docker build --target cpu --tag latent-labels:cpu .
#   docker build --target gpu --tag latent-labels:gpu .
# `make image` does it. .ci/build_image carries out the same steps where there
# is no Docker engine. Another package index: --build-arg PIP_INDEX_URL=...

# TFX 1.21 needs Debian 13's glibc, and TFX's extra with Kubeflow's compiler a
# Python before 3.12.
ARG BASE=python:3.11-slim-trixie

# Where the environment is made it is also used, since its scripts name it.
FROM ${BASE} AS venv
ARG PIP_INDEX_URL
ENV PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /build

# All packages, and not this project: a change of its sources leaves this as it
# is. A compiler, because pyfarmhash comes as C++.
FROM venv AS dependencies
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
COPY setup.py pyproject.toml ./
COPY constraints/tfx-1.21-python-3.11-kfp.txt constraints/
RUN pip install --no-cache-dir \
        --constraint constraints/tfx-1.21-python-3.11-kfp.txt ".[pipeline,kfp]" \
    && pip uninstall --yes latent-labels

# The project by itself, in a folder that is laid over the final stage's root.
FROM dependencies AS project
COPY components components/
COPY pipeline pipeline/
COPY schema schema/
RUN pip install --no-deps --no-build-isolation --root /opt/project .

# TensorFlow's CUDA libraries, so that any node with NVIDIA's driver will do.
FROM venv AS cuda
COPY constraints/tensorflow-2.21-cuda-12.9.txt constraints/
RUN pip install --no-cache-dir --no-deps --root /opt/cuda \
        --requirement constraints/tensorflow-2.21-cuda-12.9.txt

# The extra `test`.
FROM venv AS pytest
COPY constraints/tfx-1.21-python-3.11-kfp.txt constraints/
RUN pip install --no-cache-dir --root /opt/pytest \
        --constraint constraints/tfx-1.21-python-3.11-kfp.txt \
        axe-playwright-python huggingface_hub ipykernel nbclient playwright pytest pytest-xdist

# What all final stages have in common. Group 0 may write where the user may:
# clusters that choose a user ID of their own put it into that group. Kubeflow's
# launcher copies artifacts to /gcs, /minio and /s3, as the image's user.
FROM ${BASE} AS runtime
LABEL org.opencontainers.image.title="latent-labels" \
      org.opencontainers.image.description="Face classifiers from few labels" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --gid 0 --no-create-home --home-dir /home/faces \
        --shell /usr/sbin/nologin faces \
    && install --directory --owner=10001 --group=0 --mode=775 \
        /home/faces /home/faces/.cache /home/faces/.cache/latent-labels \
        /home/faces/.cache/matplotlib /gcs /minio /s3
COPY LICENSE /usr/share/doc/latent-labels/
# USER is what Python takes for the name of a user ID without one.
ENV PATH=/opt/venv/bin:$PATH \
    LANG=C.UTF-8 \
    HOME=/home/faces \
    USER=faces \
    FACES_CACHE=/home/faces/.cache/latent-labels \
    MPLCONFIGDIR=/home/faces/.cache/matplotlib \
    PYTHONUNBUFFERED=1 \
    TF_USE_LEGACY_KERAS=0
COPY --from=dependencies /opt/venv /opt/venv
WORKDIR /home/faces
USER 10001:0
HEALTHCHECK --interval=30m --timeout=3m \
    CMD ["python", "-m", "pipeline", "health"]
ENTRYPOINT ["python", "-m", "pipeline"]

FROM runtime AS gpu
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=cuda /opt/cuda /
COPY --from=project /opt/project /

FROM runtime AS cpu
COPY --from=project /opt/project /

# The tests, of what is installed: no source tree is here.
#   docker build --target test --tag latent-labels:test .
#   docker run --rm latent-labels:test tests/pipeline
FROM cpu AS test
COPY --from=pytest /opt/pytest /
WORKDIR /home/faces/project
COPY --chown=10001:0 .dockerignore Dockerfile LICENSE Makefile README.md \
    pyproject.toml setup.py ./
COPY --chown=10001:0 .ci .ci/
COPY --chown=10001:0 constraints constraints/
COPY --chown=10001:0 devtools devtools/
COPY --chown=10001:0 schema schema/
COPY --chown=10001:0 tests tests/
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m", "pytest"]

# What is built where no target is named.
FROM cpu
