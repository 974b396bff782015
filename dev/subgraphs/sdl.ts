import { readFileSync } from 'node:fs';

const read = (name: string) => readFileSync(new URL(`./${name}.graphql`, import.meta.url), 'utf8');

/** The schemas of the three subgraphs. They stand in files of their own, because supergraph.yaml names them too. */
export const subgraphSdl = { users: read('users'), courses: read('courses'), sessions: read('sessions') } as const;
