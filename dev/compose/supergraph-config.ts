import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { GatewaySubgraph } from '../gateway/compose.js';

const configuration = z.strictObject({
  federation_version: z.string(),
  subgraphs: z.record(
    z.string(),
    z.strictObject({ routing_url: z.url(), schema: z.strictObject({ file: z.string().min(1) }) }),
  ),
});

/**
 * The subgraphs of a supergraph configuration in rover's format, their schemas read from files.
 * @param folder what the paths of the schemas are relative to
 * @throws ZodError when the format is another one
 */
export function readSupergraphConfig(yaml: string, folder: string): GatewaySubgraph[] {
  const { subgraphs } = configuration.parse(parse(yaml));
  return Object.entries(subgraphs).map(([name, { routing_url: url, schema }]) => ({
    name,
    url,
    sdl: readFileSync(resolve(folder, schema.file), 'utf8'),
  }));
}
