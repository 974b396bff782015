import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { runBlock } from '../../support/documents/run-block.js';
import { eventually } from '../../support/eventually.js';
import type { Graph, Stream } from '../support/graph.js';
import type { Product } from '../support/product.js';
import { holdingNews } from './hold-news.js';
import { compare, fillIn, type Bindings } from './placeholders.js';
import type { Step } from './story.js';

const LIMIT_MS = 15_000;
/** What has effects is done once. */
const ONCE_MS = -1;

/** Performs the steps of a page against a product and compares every answer with the documented one. */
export async function tellStory(product: Product, page: string, steps: readonly Step[]): Promise<void> {
  const teller = createTeller(product, page);
  for (const step of steps) await teller.perform(step);
  teller.expectNothingMore();
}

function createTeller(product: Product, page: string) {
  const graphs = new Map<string, Graph>();
  let known: Bindings = new Map();
  let stream: Stream | undefined;
  let heard = 0;

  async function graphOf(name: string): Promise<Graph> {
    const person = product.laptop.sample.users.find((user) => user.name === name);
    if (!person) throw new Error(`${page}: nobody of the sample is called ${name}`);
    const graph = graphs.get(name) ?? (await product.as(person.id, { roles: [...person.roles] }));
    graphs.set(name, graph);
    return graph;
  }

  /** Looks until the answer is as documented, or the limit has passed. */
  async function expectAnswer({ line }: Step, documented: unknown, look: () => Promise<unknown>, limitMs = LIMIT_MS) {
    let last: unknown = 'nothing';
    const isAsDocumented = async () => {
      last = await look();
      return isDeepStrictEqual(compare(documented, last, known).shown, documented);
    };
    await eventually(isAsDocumented, Boolean, { limitMs }).catch(() => undefined);
    const compared = compare(documented, last, known);
    const block = `${page}:${line}`;
    expect({ block, answer: compared.shown }).toEqual({ block, answer: documented });
    known = compared.known;
  }

  const filled = (value: object) => JSON.parse(fillIn(JSON.stringify(value), known)) as object;

  async function perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'ask': {
        const graph = await graphOf(step.as);
        const variables = filled(step.variables);
        const ask = () => graph.ask(step.operation, variables);
        if (!step.operation.startsWith('mutation')) return expectAnswer(step, step.answer, ask);
        return expectAnswer(step, step.answer, () => holdingNews(product, ask), ONCE_MS);
      }
      case 'follow':
        expectNothingMore();
        stream = (await graphOf(step.as)).follow(step.operation, filled(step.variables));
        heard = 0;
        return;
      case 'hear': {
        const from = heard;
        heard += step.messages.length;
        return expectAnswer(step, step.messages, async () => stream?.answers.slice(from, heard));
      }
      case 'run':
        return run(step);
    }
  }

  /** A script that fails is run again: what it needs may not have arrived yet. */
  async function run(step: Extract<Step, { do: 'run' }>): Promise<void> {
    const script = fillIn(step.script, known);
    const addresses = { gatewayUrl: product.laptop.gatewayUrl, pageUrl: product.pageUrl };
    const printed = await eventually(
      () => runBlock({ script }, addresses),
      () => true,
      { limitMs: LIMIT_MS },
    );
    if (step.answer) await expectAnswer(step, step.answer, async () => JSON.parse(printed), ONCE_MS);
  }

  function expectNothingMore(): void {
    const more = stream?.answers.slice(heard) ?? [];
    expect({ page, more }).toEqual({ page, more: [] });
    stream?.stop();
  }

  return { perform, expectNothingMore };
}
