# docker build .                    the service, as it ships (the last stage)
# docker build --target laptop .    the stand-ins of docker-compose.yml, with dev/ and its dependencies

FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

FROM base AS build
COPY examples/web/package.json examples/web/
COPY examples/node/package.json examples/node/
RUN npm ci --no-audit --no-fund
COPY .swcrc buf.yaml buf.gen.yaml ./
COPY proto proto
COPY dev dev
COPY src src
COPY migrations migrations
RUN npm run build

FROM build AS laptop
COPY schema.graphql supergraph.yaml ./
COPY examples examples
RUN npm run shop
# A volume mounted here belongs to the user who writes the supergraph into it.
RUN mkdir /supergraph && chown node:node /supergraph
USER node
CMD ["node", "dev/run.mjs", "dev/compose/stand-ins.ts"]

FROM base AS production-dependencies
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-bookworm-slim AS production
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=production-dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 3000 50054
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT || process.env.HTTP_PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
