import { validate as isUuid } from 'uuid';
import { discardDeadLetters, openDeadLetters, replayDeadLetters, type Chosen } from '../messaging/dead-letters.js';
import { withDatabase } from './database.js';

const USAGE = 'usage: npm run dead-letters -- list | replay <id …|all> | discard <id …|all>\n';
const MOST_LISTED = 1_000;

/** `npm run dead-letters`, or `node dist/cli/dead-letters.js`: lists, replays or discards messages that had no effect. */
const [action, ...ids] = process.argv.slice(2);
const chosen: Chosen | undefined =
  ids[0] === 'all' && ids.length === 1 ? 'all' : ids.length > 0 && ids.every((id) => isUuid(id)) ? ids : undefined;

if (action === 'list') {
  await withDatabase(async (fork) => {
    for (const letter of await openDeadLetters(fork, MOST_LISTED)) {
      const { id, topic, partition, offset, attempts, reason, createdAt } = letter;
      process.stdout.write(
        `${id}  ${createdAt.toISOString()}  ${topic}[${partition}]@${offset}  tries ${attempts}  ${reason}\n`,
      );
    }
  });
} else if ((action === 'replay' || action === 'discard') && chosen) {
  await withDatabase(async (fork) => {
    const change = action === 'replay' ? replayDeadLetters : discardDeadLetters;
    const count = await change(fork, chosen, new Date());
    process.stdout.write(`${action === 'replay' ? 'replayed' : 'discarded'}: ${count}\n`);
  });
} else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}
