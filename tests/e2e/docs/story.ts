/** A step of a page of docs/graph. `line` is that of its first block. */
export type Step = { readonly line: number } & (
  | { readonly do: 'ask'; readonly as: string; readonly operation: string; readonly variables: object; answer: object }
  | { readonly do: 'follow'; readonly as: string; readonly operation: string; readonly variables: object }
  | { readonly do: 'hear'; readonly messages: readonly object[] }
  /** Without an answer only its success counts. */
  | { readonly do: 'run'; readonly script: string; readonly answer?: object }
);

interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
  /** Who is signed in: the last `<!-- as: … -->` before it. */
  readonly as: string;
}

const FENCE = /^<!-- as: (?<as>.+) -->$|^```(?<language>graphql|json|sh)\n(?<text>[^]*?)^```$/gm;

function blocksOf(page: string): Block[] {
  let as = '';
  return [...page.matchAll(FENCE)].flatMap(({ groups = {}, index }) => {
    if (groups.as) as = groups.as;
    const { language, text = '' } = groups;
    return language ? [{ language, text, as, line: page.slice(0, index).split('\n').length }] : [];
  });
}

/**
 * Reads a page as a story: an operation is followed by its variables, if it has any, and its answer; a subscription by the
 * messages of its stream, as an array, and so is what makes more of them come; a script by what it prints, if that counts.
 * @throws Error naming the line of a block that belongs to nothing
 */
export function readStory(page: string): Step[] {
  const blocks = blocksOf(page);
  const steps: Step[] = [];
  const next = (isWanted: (json: object) => boolean = () => true): object | undefined => {
    const json = blocks[0]?.language === 'json' ? (JSON.parse(blocks[0].text) as object) : undefined;
    if (!json || !isWanted(json)) return undefined;
    blocks.shift();
    return json;
  };
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    const step = stepOf(block, next);
    if (!step) throw new Error(`line ${block.line}: the ${block.language} block lacks another, or belongs to none`);
    steps.push(step);
  }
  return steps;
}

const isAnswer = (json: object) => !Array.isArray(json);

function stepOf({ language, text, line, as }: Block, next: (is?: (json: object) => boolean) => object | undefined) {
  if (language === 'sh') return { do: 'run', line, script: text, answer: next(isAnswer) } as const;
  if (language === 'json') {
    const messages: unknown = JSON.parse(text);
    return Array.isArray(messages) ? ({ do: 'hear', line, messages } as const) : undefined;
  }
  const variables = /^\w+ *\w*\(/.test(text) ? next(isAnswer) : {};
  if (!variables || !as) return undefined;
  if (text.startsWith('subscription')) return { do: 'follow', line, as, operation: text, variables } as const;
  const answer = next(isAnswer);
  return answer && ({ do: 'ask', line, as, operation: text, variables, answer } as const);
}
