// PostGraphile over the database of the bench, started with an IPC channel by compare-postgraphile.ts: says where it listens,
// and ends with its parent.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const { DATABASE_URL: connectionString, CONNECTIONS } = process.env;
const service = makePgService({ connectionString, schemas: ['public'], poolConfig: { max: Number(CONNECTIONS) } });
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [service],
  grafserv: { graphqlPath: '/graphql', websockets: false, graphiql: false },
  grafast: { explain: false },
};

process.once('disconnect', () => process.exit(0));
const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
