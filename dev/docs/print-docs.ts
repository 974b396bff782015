import 'reflect-metadata';
import { ordersSubgraph } from '../../src/resolvers/index.js';
import { keepFiles, readProject } from './documents.js';
import { readEvents } from './event-schemas.js';
import { eventsPage } from './events.js';
import { formatted } from './formatted.js';
import { errorFacts } from './graph-errors.js';
import { graphReference } from './graph-reference.js';
import { layerTable } from './layers.js';
import { withLines } from './line-links.js';
import { withPart } from './parts.js';
import { stateMachines } from './state-machines.js';

/** `npm run docs` writes the documents that follow from the code; `-- --check` fails when one differs. */
const { sdl } = ordersSubgraph();
const HOUSE = 'docs/architecture.md';
const documents = {
  [HOUSE]: withLines(HOUSE, withPart(readProject(HOUSE), 'layers', 'npm run docs', layerTable())),
  'docs/graph/reference.md': graphReference(sdl, errorFacts()),
  'docs/events.md': eventsPage(readEvents()),
  'docs/state-machines.md': stateMachines(sdl),
};

const texts: Record<string, string> = {};
for (const [name, text] of Object.entries(documents)) texts[name] = await formatted(name, text);
keepFiles(texts, 'npm run docs');
